/* The scan for records' ends, on every machine. */
#include "formats/json/json_scan.h"

#define KERNEL_TARGET
#include "formats/json/json_bytes_portable.h"
#include "formats/json/json_scan_body.h"

cp_json_scanner *cp_json_scanner_portable(void)
{
    return scan_run;
}

cp_json_gap_finder *cp_json_gap_finder_portable(void)
{
    return has_gaps;
}
