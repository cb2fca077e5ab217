/*
 * What the library says about itself. The features are those of the build; whether their modules open on the machine that it
 * runs on is for estro_feature_check to find out.
 */
#include "base/diag.h"
#include "base/module.h"

#include <estro/estro.h>

#include <string.h>

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

/** The module that a feature lives in; "" for what is in the library itself, NULL for no feature. */
static const char *module_of(const char *feature)
{
    static const char *const rows[][2] = {
        {"smf", ""},          {"text", ""},       {"portmidi", "portmidi"}, {"fluidsynth", "sound"},
        {"sndfile", "sound"}, {"train", "train"}, {"cairo", "train"},       {"mpi", "train"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i][0], feature) == 0) {
            return rows[i][1];
        }
    }
    return NULL;
}

estro_status estro_feature_check(const char *feature, estro_diag *diag)
{
    const char *module = module_of(feature);
    const void *table;

    es_diag_init(diag, NULL);
    if (!module) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "there is no feature '%s'", feature);
    }
    return *module ? es_module_open(&table, module, diag) : ESTRO_OK;
}
