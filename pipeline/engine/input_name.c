/* One text, of which path and member are parts. */
#include "pipeline/engine/input_name.h"

#include <stdlib.h>

cp_rc cp_input_name_open(cp_input_name *name, const char *path, const char *member, cp_error *err)
{
    size_t path_size = strlen(path), member_size = member ? strlen(member) : 0;
    size_t room = path_size + member_size + sizeof "!";
    char *text = malloc(room);
    *name = (cp_input_name){0};
    if (!text)
        return cp_fail_memory(err, room);
    memcpy(text, path, path_size + 1);
    *name = (cp_input_name){.text = text, .path = {(const uint8_t *)text, path_size}};
    if (!member)
        return CP_OK;
    text[path_size] = '!';
    memcpy(text + path_size + 1, member, member_size + 1);
    name->member = text + path_size + 1;
    return CP_OK;
}

void cp_input_name_close(cp_input_name *name)
{
    free(name->text);
    *name = (cp_input_name){0};
}
