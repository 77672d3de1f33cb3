/* Rules that an output adds to a field: its bounds become no wider than what the output can hold.
 */
#ifndef CP_CORE_NARROW_H
#define CP_CORE_NARROW_H

#include "pipeline/core/schema.h"

/* Wide enough for the bounds of both int64 and uint64, and for some that lie beyond. */
typedef __int128 cp_bound;

/* Of a signed integer, or of a timestamp in its unit. A bound beyond int64 is none. */
void cp_narrow_signed(cp_field *field, cp_bound low, cp_bound high);

/* Of an unsigned integer. */
void cp_narrow_unsigned(cp_field *field, cp_bound low, cp_bound high);

#endif
