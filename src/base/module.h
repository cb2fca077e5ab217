/**
 * @file module.h
 * Parts of the program that need heavy libraries live in modules of their own, opened when a command needs them.
 *
 * A module is build/estro-NAME.so (installed: libdir/estro/), linked normally to its libraries. It exports one symbol,
 * `es_module_NAME`, a const struct whose type its header gives.
 */
#ifndef ES_BASE_MODULE_H
#define ES_BASE_MODULE_H

#include <estro/status.h>

/**
 * Open a module and find its table: looked for in $ESTRO_MODULES, beside the running program or library, in lib/estro beside its bin, in the installed folder. It stays open.
 * @return ESTRO_ERR_UNSUPPORTED, with the package to install where it is missing.
 */
estro_status es_module_open(const void **table, const char *name, estro_diag *diag);

#endif
