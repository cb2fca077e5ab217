/*
 * What the library says about itself. The features are those of the build, not of the machine that it runs on: a module may
 * still be missing there, and the call that needs it says so.
 */
#include <estro/estro.h>

#define TEXT_OF(x) #x
#define TEXT(x)    TEXT_OF(x)

const char *estro_version(void)
{
    return TEXT(ESTRO_VERSION_MAJOR) "." TEXT(ESTRO_VERSION_MINOR) "." TEXT(ESTRO_VERSION_PATCH);
}

const char *estro_features(void)
{
    return "smf text" ES_FEATURES;
}
