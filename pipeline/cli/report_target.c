/* --to and extensions. */
#include "pipeline/cli/report_target.h"

#include <string.h>

const char *const cp_report_shapes[] = {"auto", "text", "json", "csv", "parquet", NULL};

cp_rc cp_report_shape(int to, const char *output, int *shape, cp_error *err)
{
    static const struct {
        const char *extension;
        int shape;
    } extensions[] = {{".json", CP_REPORT_JSON},
                      {".csv", CP_REPORT_CSV},
                      {".parquet", CP_REPORT_PARQUET},
                      {".txt", CP_REPORT_TEXT}};
    *shape = to ? to : CP_REPORT_TEXT;
    const char *slash = output ? strrchr(output, '/') : NULL;
    const char *name = slash ? slash + 1 : output;
    const char *extension = name ? strrchr(name, '.') : NULL;
    if (to || !extension || extension == name)
        return CP_OK;
    for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
        if (strcmp(extension, extensions[i].extension) == 0) {
            *shape = extensions[i].shape;
            return CP_OK;
        }
    return cp_fail(
        err, CP_E_USAGE, "usage",
        "--output: no report is written to %s files; say text, json, csv or parquet with --to",
        extension);
}
