/* The archive formats, one row each in the table of containers.c. */
#ifndef CP_FORMATS_ARCHIVE_CONTAINERS_H
#define CP_FORMATS_ARCHIVE_CONTAINERS_H

#include "pipeline/core/container.h"

extern const cp_container cp_container_tar;
extern const cp_container cp_container_zip;
extern const cp_container cp_container_7z;
extern const cp_container cp_container_cpio;

/* Ends with NULL. */
extern const cp_container *const cp_containers[];

#endif
