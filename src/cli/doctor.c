/*
 * estro doctor: what is built in and whether it works here, which sound font, devices, styles and models there are; what is
 * missing, and how to get it. What is missing is no failure of the command.
 */
#include "options.h"

#include <jansson.h>
#include <string.h>

/* ---- what is known, as an object ---- */

static void add_feature(json_t *features, const char *name)
{
    estro_diag diag = {0};

    if (estro_feature_check(name, &diag) == ESTRO_OK) {
        json_array_append_new(features, json_pack("{s:s, s:b}", "name", name, "works", 1));
    } else {
        json_array_append_new(
            features, json_pack("{s:s, s:b, s:s}", "name", name, "works", 0, "problem", diag.text));
    }
}

/** Features of the build, and those that it lacks. */
static json_t *find_features(void)
{
    static const char *const all[] = {"smf", "text", "portmidi", "fluidsynth", "sndfile", "train"};
    json_t *features = json_array();

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        add_feature(features, all[i]);
    }
    return features;
}

static bool add_device(void *self, const char *name, bool is_default)
{
    (void)is_default;
    json_array_append_new(self, json_string(name));
    return true;
}

static json_t *find_devices(void)
{
    json_t *devices = json_array();

    estro_device_each(add_device, devices, NULL);
    return devices;
}

/** Models that a style asks for: where each is, or null. */
static json_t *find_models(const estro_style *style)
{
    json_t *models = json_object();
    const char *name;
    char path[4096];

    for (size_t i = 0; (name = estro_style_model(style, i)); i++) {
        const bool is_found = estro_find(path, sizeof path, name, ".model", NULL) == ESTRO_OK;
        json_object_set_new(models, name, is_found ? json_string(path) : json_null());
    }
    return models;
}

static bool add_style(void *self, const char *name, const char *path)
{
    estro_style *style = NULL;
    estro_diag diag = {0};

    if (estro_style_load(&style, path, NULL, &diag) == ESTRO_OK) {
        json_array_append_new(self, json_pack("{s:s, s:s, s:o}", "name", name, "path", path,
                                              "models", find_models(style)));
    } else {
        json_array_append_new(
            self, json_pack("{s:s, s:s, s:s}", "name", name, "path", path, "problem", diag.text));
    }
    estro_style_free(style);
    return true;
}

static json_t *find_styles(void)
{
    json_t *styles = json_array();

    estro_style_each(add_style, styles, NULL);
    return styles;
}

static json_t *examine(void)
{
    char font[4096];
    estro_diag diag = {0};
    json_t *all = json_pack("{s:s, s:o, s:o, s:o}", "version", estro_version(), "features",
                            find_features(), "devices", find_devices(), "styles", find_styles());

    if (estro_sound_font(font, sizeof font, NULL, &diag) == ESTRO_OK) {
        json_object_set_new(all, "sound_font", json_string(font));
    } else {
        json_object_set_new(all, "sound_font", json_null());
        json_object_set_new(all, "sound_font_problem", json_string(diag.text));
    }
    return all;
}

/* ---- as text ---- */

static const char *text_in(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

static void print_features(const json_t *features)
{
    static const char *const uses[][2] = {
        {"smf", "MIDI files"},         {"text", "lists of messages"}, {"portmidi", "MIDI devices"},
        {"fluidsynth", "synthesizer"}, {"sndfile", "sound files"},    {"train", "training"}};
    size_t i;
    const json_t *feature;

    json_array_foreach(features, i, feature)
    {
        const char *use = "";
        for (size_t k = 0; k < sizeof uses / sizeof *uses; k++) {
            use = strcmp(uses[k][0], text_in(feature, "name")) == 0 ? uses[k][1] : use;
        }
        if (json_is_true(json_object_get(feature, "works"))) {
            printf("  yes  %s\n", use);
        } else {
            printf("  no   %s: %s\n", use, text_in(feature, "problem"));
        }
    }
}

static void print_styles(const json_t *styles)
{
    size_t i;
    const json_t *style, *path;
    const char *name;

    json_array_foreach(styles, i, style)
    {
        printf("  %-12s %s\n", text_in(style, "name"), text_in(style, "path"));
        if (json_object_get(style, "problem")) {
            printf("  %-12s does not compile: %s\n", "", text_in(style, "problem"));
        }
        json_object_foreach((json_t *)json_object_get(style, "models"), name, path)
        {
            if (json_is_string(path)) {
                printf("  %-12s model %s: %s\n", "", name, json_string_value(path));
            } else {
                printf("  %-12s model %s: not found; the style's weights do without it\n", "",
                       name);
            }
        }
    }
    if (json_array_size(styles) == 0) {
        puts("  none; set ESTRO_PATH to a folder that holds some");
    }
}

static void print(const json_t *all)
{
    const json_t *devices = json_object_get(all, "devices"), *device;
    size_t i;

    printf("estro %s\n\nWhat works here:\n", text_in(all, "version"));
    print_features(json_object_get(all, "features"));
    printf("\nSound font:\n  %s\n", *text_in(all, "sound_font")
                                        ? text_in(all, "sound_font")
                                        : text_in(all, "sound_font_problem"));
    puts("\nMIDI devices:");
    json_array_foreach(devices, i, device)
    {
        printf("  %s\n", json_string_value(device));
    }
    if (json_array_size(devices) == 0) {
        puts("  none; connect one, or start a software synthesizer that opens an ALSA port");
    }
    puts("\nStyles and their models:");
    print_styles(json_object_get(all, "styles"));
}

int cli_doctor(const cli_command *command, int argc, const char **argv)
{
    int wants_json = 0;
    struct poptOption table[] = {
        {"json", '\0', POPT_ARG_NONE, &wants_json, 0, "Write JSON", NULL}, POPT_TABLEEND};
    cli_arguments arguments = {0};

    const int go = cli_options(&arguments, command, table, 0, 0, argc, argv);
    if (go != CLI_GO_ON) {
        return go;
    }
    cli_options_done(&arguments);
    json_t *all = examine();
    if (wants_json) {
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
    } else {
        print(all);
    }
    json_decref(all);
    return CLI_OK;
}
