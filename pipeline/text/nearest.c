/* Edit distance (Wagner, Fischer 1974), over names short enough for one row of it. */
#include "pipeline/text/nearest.h"

enum { NAME_BYTES_MAX = 40, DISTANCE_MAX = 3 };

static size_t distance(cp_span a, cp_span b)
{
    size_t row[NAME_BYTES_MAX + 1];
    for (size_t j = 0; j <= b.size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.size; j++) {
            size_t best = diagonal + (a.data[i - 1] != b.data[j - 1]);
            diagonal = row[j];
            best = best < row[j] + 1 ? best : row[j] + 1;
            row[j] = best < row[j - 1] + 1 ? best : row[j - 1] + 1;
        }
    }
    return row[b.size];
}

void cp_nearest_offer(cp_nearest *nearest, cp_span candidate)
{
    if (nearest->wanted.size > NAME_BYTES_MAX || candidate.size > NAME_BYTES_MAX)
        return;
    size_t d = distance(nearest->wanted, candidate);
    if (d > DISTANCE_MAX || (nearest->found.data && d >= nearest->distance))
        return;
    nearest->found = candidate;
    nearest->distance = d;
}

cp_span cp_nearest_field(const cp_schema *schema, cp_span wanted)
{
    cp_nearest nearest = {.wanted = wanted};
    for (size_t i = 0; i < schema->field_count; i++)
        cp_nearest_offer(&nearest, cp_span_of(schema->fields[i].name));
    return nearest.found;
}
