/* One line of an access log, in the Common or the Combined Log Format, to its parts.
 *
 *   host ident user [10/Oct/2000:13:55:36 -0700] "request" status bytes              Common
 *                                                  ... "referer" "user agent" rest   Combined
 *
 * (Apache HTTP Server, "Log Files" and mod_log_config; nginx, ngx_http_log_module: combined.) */
#ifndef CP_FORMATS_TEXT_CLF_LINE_H
#define CP_FORMATS_TEXT_CLF_LINE_H

#include "pipeline/core/reject.h"

typedef enum cp_clf_part {
    CP_CLF_HOST,
    CP_CLF_IDENT,
    CP_CLF_USER,
    CP_CLF_TIME,
    CP_CLF_REQUEST,
    CP_CLF_METHOD,
    CP_CLF_PATH,
    CP_CLF_PROTOCOL,
    CP_CLF_STATUS,
    CP_CLF_BYTES,
    CP_CLF_REFERER,
    CP_CLF_AGENT,
    CP_CLF_PARTS
} cp_clf_part;

/* Parts as they stand, without brackets and quotes; data NULL where a line does not have one. The
 * request is not taken apart yet. */
typedef struct cp_clf_line {
    cp_span parts[CP_CLF_PARTS];
    cp_span rest; /* behind all that the format knows, without the space before it; often empty */
} cp_clf_line;

/* false: why->at and why->detail say what is wrong. */
bool cp_clf_line_read(cp_span text, cp_clf_line *out, cp_refusal *why);

/* "GET /index.html HTTP/1.0" to method, path and protocol, "GET /" to the first two; other requests
 * have none of them. Between method and protocol all is path, spaces too. */
void cp_clf_request_read(cp_span request, cp_clf_line *out);

/* `text` with what servers escape put back, into `out`, which has room for its size: \" \\ \b \n \r
 * \t \v and \xHH; other backslashes stand for themselves. Returns the bytes written. */
size_t cp_clf_unescape(cp_span text, uint8_t *out);

/* "10/Oct/2000:13:55:36 -0700" as RFC 3339; false where it has not that shape. */
enum { CP_CLF_TIME_BYTES = 25 };
bool cp_clf_time_read(cp_span text, uint8_t out[CP_CLF_TIME_BYTES]);

#endif
