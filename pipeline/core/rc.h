/* What every call answers: done, a flow result (positive), or a failure (negative). */
#ifndef CP_CORE_RC_H
#define CP_CORE_RC_H

typedef enum cp_rc {
    CP_OK = 0,

    /* Flow: not failures. Each contract says which of them it can answer. */
    CP_MORE,  /* the callee wants more bytes, or has more to give */
    CP_BLOCK, /* a block was cut */
    CP_SKIP,  /* bytes to pass over that hold no decodable record */
    CP_END,   /* nothing is left */

    /* Failures, one for each documented exit code (pipeline/cli/exit_code.c maps them). */
    CP_E_DATA = -1,    /* the input is corrupt, or the error budget is exceeded: 65 */
    CP_E_NOINPUT = -2, /* no such input, or a glob that matches nothing: 66 */
    CP_E_BUG = -3,     /* casepipe broke one of its own promises: 70 */
    CP_E_MEMORY = -4,  /* out of memory, of --memory-limit or of temporary space: 71 */
    CP_E_CREATE = -5,  /* an output cannot be created: 73 */
    CP_E_IO = -6,      /* a read or a write failed: 74 */
    CP_E_LOCKED = -7,  /* another run holds the lock: 75 */
    CP_E_CONFIG = -8,  /* bad schema or job file: 78 */
    CP_E_USAGE = -9,   /* bad command line: 64 */
} cp_rc;

static inline int cp_failed(cp_rc rc)
{
    return rc < CP_OK;
}

#endif
