/* The distributions: from hashes to a record's numbers and phrases.
 *
 *   value x 16 = 240 + sensor's base 0..160 + triangle wave 0..96 + noise 0..64     (15.0 to 35.0)
 *                                             one day long, each sensor at its own phase */
#include "formats/synthetic/case_record.h"

#include "formats/synthetic/gen_out.h"
#include "formats/synthetic/hash.h"

#define START_QUARTERS (UINT64_C(1700000000) * 4)

enum {
    DAY_QUARTERS = 86400 * 4,
    BASE_STEPS = 161,
    WAVE_STEPS = 97,
    NOISE_STEPS = 65,
    TITLE_NUMBERS = 100,
};

const cp_span cp_gen_status_names[CP_GEN_STATUS_COUNT] = {
    CP_GEN_SPAN("DRAFT"),     CP_GEN_SPAN("SUBMITTED"), CP_GEN_SPAN("UNDER_REVIEW"),
    CP_GEN_SPAN("ESCALATED"), CP_GEN_SPAN("CLOSED"),
};

/* One of sixteen: DRAFT 1, SUBMITTED 4, UNDER_REVIEW 5, ESCALATED 2, CLOSED 4. */
static const uint8_t status_of_16[16] = {0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 4, 4, 4, 4};

static const cp_span title_phrases[] = {
    CP_GEN_SPAN("Manual override"),    CP_GEN_SPAN("Reading drifts"),
    CP_GEN_SPAN("Sensor offline"),     CP_GEN_SPAN("Threshold exceeded"),
    CP_GEN_SPAN("Calibration due"),    CP_GEN_SPAN("Door left open"),
    CP_GEN_SPAN("Battery low"),        CP_GEN_SPAN("Duplicate alarm"),
    CP_GEN_SPAN("Inspection request"), CP_GEN_SPAN("Power interrupted"),
};
enum { TITLE_PHRASES = sizeof title_phrases / sizeof *title_phrases };

static const cp_span note_phrases[] = {
    CP_GEN_SPAN("checked by operator"), CP_GEN_SPAN("call back"),
    CP_GEN_SPAN("probe replaced"),      CP_GEN_SPAN("within tolerance"),
    CP_GEN_SPAN("waiting for parts"),   CP_GEN_SPAN("see shift log"),
    CP_GEN_SPAN("false alarm"),         CP_GEN_SPAN("sent to supplier"),
};
enum { NOTE_PHRASES = sizeof note_phrases / sizeof *note_phrases };

/* One of eight: none 3, one 3, two 1, three 1. */
static const uint8_t note_count_of_8[8] = {0, 0, 0, 1, 1, 1, 2, 3};

/* 0 .. WAVE_STEPS-1, up for half a day and down for the other. */
static uint32_t triangle(uint64_t quarters)
{
    uint32_t t = (uint32_t)(quarters % DAY_QUARTERS);
    uint32_t up = t < DAY_QUARTERS / 2 ? t : DAY_QUARTERS - t;
    return up * WAVE_STEPS / (DAY_QUARTERS / 2 + 1);
}

/* Sensors have a seed of their own, so that sensor 5 and record 5 share nothing. */
static int32_t value_of(uint64_t seed, uint32_t sensor_id, uint64_t quarters, uint32_t noise)
{
    uint64_t sensor = cp_gen_key(~seed, sensor_id);
    uint32_t base = cp_gen_below(cp_gen_low(sensor), BASE_STEPS);
    uint32_t phase = cp_gen_below(cp_gen_high(sensor), DAY_QUARTERS);
    return (int32_t)(CP_GEN_VALUE_MIN_16 + base + triangle(quarters + phase) + noise);
}

cp_gen_case cp_gen_case_make(const cp_gen_options *options, uint64_t record)
{
    uint64_t key = cp_gen_key(options->seed, record);
    uint64_t numbers = cp_gen_draw(key, CP_GEN_FOR_NUMBERS);
    uint32_t noise = (cp_gen_low(numbers) >> 16) * NOISE_STEPS >> 16;
    cp_gen_case c = {
        .record = record,
        .key = key,
        .quarters = START_QUARTERS + record,
        .sensor_id = cp_gen_below(cp_gen_high(numbers), options->sensors),
        .status = status_of_16[numbers % 16],
    };
    uint64_t late = options->profile == CP_GEN_MESSY ? cp_gen_draw(key, CP_GEN_FOR_LATE) : 0;
    if (options->profile == CP_GEN_MESSY && late % 8 == 0)
        c.quarters -= 1 + cp_gen_below(cp_gen_high(late), CP_GEN_LATE_MAX_QUARTERS);
    c.value16 = value_of(options->seed, c.sensor_id, c.quarters, noise);
    if (options->profile == CP_GEN_MESSY && late / 8 % 8 == 0)
        c.value16 = -c.value16;
    return c;
}

cp_gen_title cp_gen_case_title(const cp_gen_case *c)
{
    uint64_t draw = cp_gen_draw(c->key, CP_GEN_FOR_TITLE);
    return (cp_gen_title){title_phrases[cp_gen_below(cp_gen_high(draw), TITLE_PHRASES)],
                          cp_gen_below(cp_gen_low(draw), TITLE_NUMBERS)};
}

size_t cp_gen_case_notes(const cp_gen_case *c, cp_span notes[CP_GEN_NOTES_MAX])
{
    uint64_t draw = cp_gen_draw(c->key, CP_GEN_FOR_NOTES);
    size_t count = note_count_of_8[draw % 8];
    for (size_t i = 0; i < count; i++)
        notes[i] = note_phrases[(draw >> (16 + 16 * i)) % NOTE_PHRASES];
    return count;
}
