/* JSON without the white space between its tokens. */
#ifndef CP_FORMATS_JSON_JSON_MINIFY_H
#define CP_FORMATS_JSON_JSON_MINIFY_H

#include "pipeline/core/arena.h"
#include "pipeline/core/span.h"

/* `text`, whose syntax has been checked, at `to`, where text.size bytes are free, or in its own
 * place: strings and numbers stay as they are spelled. Returns the end. */
uint8_t *cp_json_minify(cp_span text, uint8_t *to);

/* The same into the arena; *text is then there. false where memory is out. */
bool cp_json_minify_aside(cp_span *text, cp_arena *arena);

#endif
