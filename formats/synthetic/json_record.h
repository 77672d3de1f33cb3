/* A record as JSON text: the regular spelling and the messy ones. */
#ifndef CP_FORMATS_SYNTHETIC_JSON_RECORD_H
#define CP_FORMATS_SYNTHETIC_JSON_RECORD_H

#include "formats/synthetic/case_record.h"
#include "formats/synthetic/gen_out.h"
#include "formats/synthetic/hash.h"

/* In the order of a regular record. */
typedef enum cp_gen_member {
    CP_GEN_ID,
    CP_GEN_TITLE,
    CP_GEN_STATUS,
    CP_GEN_TIMESTAMP,
    CP_GEN_SENSOR_ID,
    CP_GEN_VALUE,
    CP_GEN_UNIT,
    CP_GEN_NOTES,
    CP_GEN_MEMBER_COUNT
} cp_gen_member;

extern const cp_span cp_gen_member_names[CP_GEN_MEMBER_COUNT];

/* "name":value, spelled as in a regular record. */
void cp_gen_put_member(cp_gen_out *out, const cp_gen_case *c, cp_gen_member member);

/* One line, no spaces, no line end. */
void cp_gen_put_regular(cp_gen_out *out, const cp_gen_case *c);

/* Fractions of quarters and sixteenths, shortest, at least one digit: "0", "25", "0625". */
extern const cp_span cp_gen_quarter_fractions[4];
extern const cp_span cp_gen_sixteenth_fractions[16];

/* "CASE-00000000", without quotes. At most CP_GEN_ID_BYTES; returns how many. */
enum { CP_GEN_ID_BYTES = 5 + CP_INTEGER_BYTES };
size_t cp_gen_id_write(uint64_t record, char out[CP_GEN_ID_BYTES]);

/* The same record with keys shuffled, other spellings, nulls, unknown members, white space. Line
 * ends inside it only where `lines`. */
void cp_gen_put_messy(cp_gen_out *out, const cp_gen_case *c, bool lines);

/* Values of a messy record: white space, commas and colons are the caller's. */
void cp_gen_put_messy_time(cp_gen_out *out, cp_gen_dice *dice, uint64_t quarters);
void cp_gen_put_messy_value(cp_gen_out *out, cp_gen_dice *dice, int32_t value16);
void cp_gen_put_messy_title(cp_gen_out *out, cp_gen_dice *dice, const cp_gen_case *c);
void cp_gen_put_messy_notes(cp_gen_out *out, cp_gen_dice *dice, const cp_gen_case *c);
/* ASCII text in quotes; once in `rarely`, one of its characters is spelled \u00XX. */
void cp_gen_put_messy_string(cp_gen_out *out, cp_gen_dice *dice, cp_span text, uint32_t rarely);

#endif
