/* The tables. */
#include "pipeline/config/schema_names.h"

const char *const cp_time_encoding_names[CP_TIME_ENCODING_COUNT] = {
    [CP_TIME_RFC3339] = "rfc3339",   [CP_TIME_EPOCH_S] = "epoch_s",
    [CP_TIME_EPOCH_MS] = "epoch_ms", [CP_TIME_EPOCH_US] = "epoch_us",
    [CP_TIME_EPOCH_NS] = "epoch_ns",
};

const char *const cp_nan_policy_names[CP_NAN_POLICY_COUNT] = {
    [CP_NAN_REJECT] = "reject", [CP_NAN_NULL] = "null", [CP_NAN_KEEP] = "keep"};

const char *const cp_unknown_policy_names[2] = {"ignore", "reject"};

const char *const cp_duplicate_policy_names[CP_DUPLICATE_POLICY_COUNT] = {
    [CP_DUPLICATE_REJECT] = "reject", [CP_DUPLICATE_FIRST] = "first", [CP_DUPLICATE_LAST] = "last"};
