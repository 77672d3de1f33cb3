/* A schema proposed from a sample: tighter than what inference guesses, for a person to edit. */
#ifndef CP_CLI_PROPOSE_H
#define CP_CLI_PROPOSE_H

#include "pipeline/core/sink.h"

/* A sink that looks at the rows and writes a schema file in their place:
 *
 *   required    a field that was never null
 *   enum        texts of few different values, each of them often
 *   timestamp   texts that are all RFC 3339 times, in the unit of the finest fraction if they fit
 *               it, else in the next one that they fit; numbers in the range of epoch times in a
 *               field whose name speaks of time
 *
 * A field with bounds or null_if keeps its type, one that is not wanted everything; so do the
 * layout and what becomes of unknown fields and of keys that stand twice.
 *
 * All rows have to come in one group; without rows it ends with CP_E_DATA. CP_E_MEMORY. */
cp_rc cp_propose_open(cp_sink **out, cp_error *err);

#endif
