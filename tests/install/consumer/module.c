/* Rejoin as part of a host's own loadable module: the static library is position independent, and its entry point is
 * shown to whoever loads the module. */
#include <rejoin/rejoin.h>

const char* host_module_engine(void);

const char* host_module_engine(void) { return rejoin_version(); }
