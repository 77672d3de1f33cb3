/* Names between commas. */
#include "pipeline/cli/name_list.h"

#include "pipeline/core/checked.h"

cp_rc cp_name_list_split(const char *text, const char *option, cp_name_list *names, cp_error *err)
{
    for (;;) {
        size_t size = strcspn(text, ",");
        if (size == 0)
            return cp_fail(err, CP_E_USAGE, "usage", "%s has an empty name", option);
        cp_rc rc =
            cp_grow(&names->items, &names->capacity, names->count + 1, sizeof *names->items, err);
        if (rc)
            return rc;
        names->items[names->count++] = (cp_span){(const uint8_t *)text, size};
        if (text[size] == '\0')
            return CP_OK;
        text += size + 1;
    }
}

cp_rc cp_name_list_check(const cp_name_list *names, const char *option, cp_error *err)
{
    for (size_t i = 0; i < names->count; i++)
        for (size_t j = 0; j < i; j++)
            if (cp_span_equal(names->items[i], names->items[j]))
                return cp_fail(err, CP_E_USAGE, "usage", "%s: \"%.*s\" stands twice", option,
                               (int)names->items[i].size, (const char *)names->items[i].data);
    return CP_OK;
}

void cp_name_list_close(cp_name_list *names)
{
    free(names->items);
    *names = (cp_name_list){0};
}
