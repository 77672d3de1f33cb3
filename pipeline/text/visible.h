/* Text for a terminal: what is in a name or a key can neither end the line nor steer what shows it.
 */
#ifndef CP_TEXT_VISIBLE_H
#define CP_TEXT_VISIBLE_H

#include "pipeline/core/span.h"

/* The most that shows one byte: "\x1b". */
enum { CP_VISIBLE_GROWTH = 4 };

/* `text` with ASCII's control characters and bytes that are no UTF-8 as \xNN, and with the controls
 * U+0080 to U+009F, the line ends U+2028 and U+2029, and the marks that turn the direction of text
 * (U+202A to U+202E, U+2066 to U+2069) as \uNNNN; all else as it is, backslashes too. `out` has
 * room for CP_VISIBLE_GROWTH * text.size bytes. Returns the bytes written. */
size_t cp_visible(cp_span text, char *out);

#endif
