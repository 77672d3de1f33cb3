#include "formats/text/text_probe.h"

bool cp_looks_binary(cp_span head)
{
    enum { FEW = 16, ONE_IN = 32 };
    size_t controls = 0;
    for (size_t i = 0; i < head.size; i++) {
        uint8_t c = head.data[i];
        controls += (c < 0x20) & (c != '\t') & (c != '\n') & (c != '\r');
    }
    return controls >= FEW && controls > head.size / ONE_IN;
}
