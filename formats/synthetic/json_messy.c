/* A messy record: which members, in which order, with which white space.
 *
 *   slots [id status timestamp sensor_id value | title? unit? notes? | unknown? unknown?]
 *     --> shuffled --> gap { gap key gap : gap value gap , ... } gap
 *
 * It says the same numbers, id, status and unit as the regular record. */
#include "formats/synthetic/json_record.h"

/* Whole members that no schema asks for; some are made to mislead whoever looks for keys. */
static const cp_span unknown_members[] = {
    CP_GEN_SPAN("\"meta\":{\"tags\":[\"a\",{\"b\":null}],\"depth\":[[[]]],"
                "\"big\":123456789012345678901234567890,\"e\":1e-7}"),
    CP_GEN_SPAN("\"sensor\":{\"sensor_id\":70000,\"status\":\"CLOSD\",\"id\":null}"),
    CP_GEN_SPAN("\"Status\":5"),
    CP_GEN_SPAN("\"\":[]"),
    CP_GEN_SPAN("\"température\":-0.0"),
    CP_GEN_SPAN("\"comment\":\"\\\"value\\\":1e400,}]\""),
    CP_GEN_SPAN("\"values\":[1,-2.5,3e+4,true,false,null,{\"id\":\"\\\\\"}]"),
    CP_GEN_SPAN("\"n\\u006fte\":null"),
};

enum {
    UNKNOWN_MEMBERS = sizeof unknown_members / sizeof *unknown_members,
    UNKNOWN_MAX = 2,
    SLOTS_MAX = CP_GEN_MEMBER_COUNT + UNKNOWN_MAX,
    RARELY_ABSENT = 16,
    RARELY_NULL = 16,
    RARELY_ESCAPED = 32,
    RARELY_ESCAPED_KEY = 1024,
};

/* White space between tokens; a record keeps to one manner. */
typedef enum manner { TIGHT, SPACED, WILD } manner;

typedef struct pen {
    cp_gen_out *out;
    cp_gen_dice dice;
    manner manner;
    bool lines; /* line ends count as white space */
} pen;

static const manner manners[4] = {TIGHT, TIGHT, SPACED, WILD};

static void put_gap(pen *p)
{
    static const char *const gaps[] = {"", "", " ", "\t", "  ", " \t ", "\n", "\r\n\t"};
    if (p->manner == WILD)
        cp_gen_put_text(p->out, gaps[cp_gen_roll(&p->dice, p->lines ? 8 : 6)]);
}

/* A comma or a colon: one space behind it where the record is SPACED. */
static void put_separator(pen *p, char separator)
{
    put_gap(p);
    cp_gen_put_byte(p->out, separator);
    if (p->manner == SPACED)
        cp_gen_put_byte(p->out, ' ');
    put_gap(p);
}

static bool may_be_absent(cp_gen_member member)
{
    return member == CP_GEN_TITLE || member == CP_GEN_UNIT || member == CP_GEN_NOTES;
}

/* Unknown members are numbered from CP_GEN_MEMBER_COUNT on. Two in a record are two different
 * ones: the second is a neighbour in the table. */
static size_t choose_slots(cp_gen_dice *dice, uint32_t slots[SLOTS_MAX])
{
    static const uint8_t unknown_count_of_16[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2};
    size_t count = 0;
    for (uint32_t m = 0; m < CP_GEN_MEMBER_COUNT; m++) {
        if (!may_be_absent((cp_gen_member)m) || !cp_gen_one_in(dice, RARELY_ABSENT))
            slots[count++] = m;
    }
    uint32_t unknown = cp_gen_roll(dice, UNKNOWN_MEMBERS);
    for (size_t n = unknown_count_of_16[cp_gen_roll(dice, 16)]; n > 0; n--)
        slots[count++] = CP_GEN_MEMBER_COUNT + unknown++ % UNKNOWN_MEMBERS;
    return count;
}

/* Fisher and Yates, in Durstenfeld's form (CACM 1964, algorithm 235). */
static void shuffle(cp_gen_dice *dice, uint32_t *slots, size_t count)
{
    for (size_t i = count - 1; i > 0; i--) {
        size_t j = cp_gen_roll(dice, (uint32_t)i + 1);
        uint32_t kept = slots[i];
        slots[i] = slots[j];
        slots[j] = kept;
    }
}

static void put_id(pen *p, const cp_gen_case *c)
{
    char id[CP_GEN_ID_BYTES];
    size_t size = cp_gen_id_write(c->record, id);
    cp_gen_put_messy_string(p->out, &p->dice, (cp_span){(const uint8_t *)id, size}, RARELY_ESCAPED);
}

static void put_value(pen *p, const cp_gen_case *c, cp_gen_member member)
{
    switch (member) {
    case CP_GEN_ID:
        put_id(p, c);
        break;
    case CP_GEN_TITLE:
        cp_gen_put_messy_title(p->out, &p->dice, c);
        break;
    case CP_GEN_STATUS:
        cp_gen_put_messy_string(p->out, &p->dice, cp_gen_status_names[c->status], RARELY_ESCAPED);
        break;
    case CP_GEN_TIMESTAMP:
        cp_gen_put_messy_time(p->out, &p->dice, c->quarters);
        break;
    case CP_GEN_SENSOR_ID:
        cp_gen_put_uint(p->out, c->sensor_id);
        break;
    case CP_GEN_VALUE:
        cp_gen_put_messy_value(p->out, &p->dice, c->value16);
        break;
    case CP_GEN_UNIT:
        cp_gen_put_messy_string(p->out, &p->dice, cp_span_of("celsius"), RARELY_ESCAPED);
        break;
    case CP_GEN_NOTES:
        cp_gen_put_messy_notes(p->out, &p->dice, c);
        break;
    case CP_GEN_MEMBER_COUNT:
        break;
    }
}

static void put_slot(pen *p, const cp_gen_case *c, uint32_t slot)
{
    if (slot >= CP_GEN_MEMBER_COUNT) {
        cp_gen_put_span(p->out, unknown_members[slot - CP_GEN_MEMBER_COUNT]);
        return;
    }
    cp_gen_member member = (cp_gen_member)slot;
    cp_gen_put_messy_string(p->out, &p->dice, cp_gen_member_names[member], RARELY_ESCAPED_KEY);
    put_separator(p, ':');
    if (may_be_absent(member) && cp_gen_one_in(&p->dice, RARELY_NULL))
        cp_gen_put_text(p->out, "null");
    else
        put_value(p, c, member);
}

void cp_gen_put_messy(cp_gen_out *out, const cp_gen_case *c, bool lines)
{
    pen p = {.out = out, .dice = {cp_gen_draw(c->key, CP_GEN_FOR_TEXT)}, .lines = lines};
    uint32_t slots[SLOTS_MAX];
    size_t count = choose_slots(&p.dice, slots);
    shuffle(&p.dice, slots, count);
    p.manner = manners[cp_gen_roll(&p.dice, 4)];
    put_gap(&p);
    cp_gen_put_byte(out, '{');
    put_gap(&p);
    for (size_t i = 0; i < count; i++) {
        if (i)
            put_separator(&p, ',');
        put_slot(&p, c, slots[i]);
    }
    put_gap(&p);
    cp_gen_put_byte(out, '}');
    put_gap(&p);
}
