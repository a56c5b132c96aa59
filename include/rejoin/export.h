/** @file
 * Which names are shown.
 *
 * REJOIN_API marks what a shared object that Rejoin is linked into shows to others; all else is hidden. A host that
 * wants none of it shown defines REJOIN_API as nothing for the whole build. */
#ifndef REJOIN_EXPORT_H
#define REJOIN_EXPORT_H

#ifndef REJOIN_API
#if defined(__GNUC__) && defined(__cplusplus)
#define REJOIN_API [[gnu::visibility("default")]]
#elif defined(__GNUC__)
#define REJOIN_API __attribute__((visibility("default")))
#else
#define REJOIN_API
#endif
#endif

#endif
