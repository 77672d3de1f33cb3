/* To add an archive format: a `const cp_container`, and its row here. */
#include "formats/archive/containers.h"

const cp_container *const cp_containers[] = {
    &cp_container_tar, &cp_container_zip, &cp_container_7z, &cp_container_cpio, NULL,
};
