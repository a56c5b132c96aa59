// Passing a failure on.
#pragma once

#include <rejoin/status.hpp>

/// Returns from the calling function with the Status of `expression` where it is not fine.
#define REJOIN_TRY(expression)                                                                    \
  do {                                                                                            \
    if (::rejoin::Status rejoin_status = (expression); !rejoin_status.ok()) return rejoin_status; \
  } while (false)
