/* The words of schema files, for reading and writing them. */
#ifndef CP_CONFIG_SCHEMA_NAMES_H
#define CP_CONFIG_SCHEMA_NAMES_H

#include "pipeline/core/schema.h"

enum {
    CP_TIME_ENCODING_COUNT = CP_TIME_EPOCH_NS + 1,
    CP_NAN_POLICY_COUNT = CP_NAN_KEEP + 1,
    CP_DUPLICATE_POLICY_COUNT = CP_DUPLICATE_LAST + 1
};

extern const char *const cp_time_encoding_names[CP_TIME_ENCODING_COUNT];
extern const char *const cp_nan_policy_names[CP_NAN_POLICY_COUNT];
extern const char *const cp_unknown_policy_names[2]; /* by reject_unknown */
extern const char *const cp_duplicate_policy_names[CP_DUPLICATE_POLICY_COUNT];

#endif
