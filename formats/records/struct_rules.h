/* A field's rules, as a step's kernel checks them. */
#ifndef CP_FORMATS_RECORDS_STRUCT_RULES_H
#define CP_FORMATS_RECORDS_STRUCT_RULES_H

#include "formats/records/struct_step.h"

/* Chooses the kernel of a step and what it accepts, from the kind, code, size, field and width that
 * are there already. The pairing of kind and group must be one that has a feed, and no text. */
void cp_struct_rules_prepare(cp_struct_step *s, cp_struct_group group);

#endif
