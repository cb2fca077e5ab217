/*
 * Reading what a file says of how it was made: pieces divided by "; ", each a word and its value, as estro_composer_about writes them.
 */
#include "api/made.h"

#include "api/api.h"
#include "base/diag.h"
#include "base/mem.h"
#include "smf/files.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char beginning[] = "estro ";

bool es_made_is(const es_made_of *made, const uint8_t digest[8])
{
    char text[17];

    for (int i = 0; i < 8; i++) {
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    }
    return strcmp(text, made->digest) == 0;
}

/* ---- values ---- */

static bool read_whole(uint64_t *out, const char *text)
{
    char *end;

    errno = 0;
    *out = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && !errno;
}

static bool read_count(uint32_t *out, const char *text)
{
    uint64_t value;

    if (!read_whole(&value, text) || value > UINT32_MAX) {
        return false;
    }
    *out = (uint32_t)value;
    return true;
}

static bool read_real(double *out, const char *text)
{
    char *end;

    *out = strtod(text, &end);
    return end != text && !*end && isfinite(*out);
}

/* "NAME DIGEST" */
static bool read_name(es_made_of *out, char *text)
{
    char *space = strrchr(text, ' ');

    if (!space || space == text) {
        return false;
    }
    *space = '\0';
    out->name = text;
    out->digest = space + 1;
    return true;
}

static bool read_piece(estro_made *made, const char *word, char *value)
{
    estro_compose_options *o = &made->options;

    if (strcmp(word, "style") == 0) {
        return read_name(&made->style, value);
    }
    if (strcmp(word, "theme") == 0) {
        return read_name(&made->theme, value);
    }
    if (strcmp(word, "model") == 0) {
        return made->n_models < ESTRO_MAX_MODELS &&
               read_name(&made->models[made->n_models++], value);
    }
    if (strcmp(word, "set") == 0 && made->n_settings < ES_MOST_SETTINGS) {
        made->settings[made->n_settings++] = value;
        return true;
    }
    if (strcmp(word, "key") == 0 || strcmp(word, "parts") == 0 || strcmp(word, "chords") == 0) {
        *(word[0] == 'k' ? &o->key : word[0] == 'p' ? &o->parts : &o->chords) = value;
        return true;
    }
    if (strcmp(word, "score") == 0) {
        o->as_written = true;
        return true;
    }
    return strcmp(word, "seed") == 0          ? read_whole(&o->seed, value)
           : strcmp(word, "tempo") == 0       ? read_real(&o->tempo, value)
           : strcmp(word, "duration") == 0    ? read_real(&o->seconds, value)
           : strcmp(word, "temperature") == 0 ? read_real(&o->temperature, value)
           : strcmp(word, "bars") == 0        ? read_count(&o->bars, value)
           : strcmp(word, "candidates") == 0  ? read_count(&o->candidates, value)
           : strcmp(word, "max-copy") == 0
               ? read_count(&o->max_copy, value)
               : strcmp(word, "reroll") == 0 || strcmp(word, "pin") == 0 ||
                     strcmp(word, "kept") == 0;
}

static estro_status read_about(estro_made *made, estro_diag *diag)
{
    char *next = strstr(made->text, "; ");

    while (next) {
        char *word = next + 2;
        *next = '\0';
        next = strstr(word, "; ");
        if (next) {
            *next = '\0';
        }
        char *space = strchr(word, ' ');
        char *value = space ? space + 1 : word + strlen(word);
        if (space) {
            *space = '\0';
        }
        if (!read_piece(made, word, value)) {
            return es_fail(diag, ESTRO_ERR_FORMAT,
                           "it was made with '%.40s %.60s', which this program does not know", word,
                           value);
        }
    }
    if (!made->style.name) {
        return es_fail(diag, ESTRO_ERR_FORMAT, "it does not say in which style it was made");
    }
    return ESTRO_OK;
}

/* ---- the file ---- */

static estro_status find_about(estro_made *made, const es_smf *smf, estro_diag *diag)
{
    for (size_t i = 0; i < smf->n_events; i++) {
        const es_smf_event *event = &smf->events[i];
        if (event->status == ES_SMF_META && event->data1 == ES_SMF_TEXT &&
            event->size >= sizeof beginning &&
            memcmp(smf->bytes + event->offset, beginning, sizeof beginning - 1) == 0) {
            made->about = es_calloc(event->size + 1, 1);
            made->text = es_calloc(event->size + 1, 1);
            if (!made->about || !made->text) {
                return es_fail_memory(diag);
            }
            memcpy(made->about, smf->bytes + event->offset, event->size);
            memcpy(made->text, smf->bytes + event->offset, event->size);
            return read_about(made, diag);
        }
    }
    return es_fail(diag, ESTRO_ERR_FORMAT,
                   "it was not made by estro: no text in it says with which style and seed");
}

static estro_status read_file(estro_made *made, const char *path, estro_diag *diag)
{
    es_smf smf;

    ES_TRY(es_smf_load(&smf, path, diag));
    estro_status status = find_about(made, &smf, diag);
    if (status == ESTRO_OK) {
        status = es_made_notes(made, &smf, diag);
    }
    es_smf_done(&smf);
    return status;
}

estro_status estro_made_read(estro_made **out, const char *path, estro_diag *diag)
{
    estro_made *made = es_calloc(1, sizeof *made);

    es_diag_init(diag, path);
    if (!made) {
        return es_fail_memory(diag);
    }
    made->options = estro_compose_options_default();
    made->path = es_strdup(path);
    const estro_status status = made->path ? read_file(made, path, diag) : es_fail_memory(diag);
    if (status != ESTRO_OK) {
        estro_made_free(made);
        return status;
    }
    *out = made;
    return ESTRO_OK;
}

void estro_made_free(estro_made *made)
{
    if (made) {
        for (size_t i = 0; i < made->n_tracks; i++) {
            es_free(made->tracks[i]);
        }
        es_free(made->tracks);
        es_free(made->notes);
        es_free(made->path);
        es_free(made->about);
        es_free(made->text);
        es_free(made);
    }
}

const char *estro_made_style(const estro_made *made)
{
    return made->style.name;
}

bool estro_made_is_of(const estro_made *made, const estro_style *style)
{
    return strcmp(style->style->name, made->style.name) == 0 &&
           es_made_is(&made->style, style->style->digest);
}

const char *estro_made_model(const estro_made *made, size_t index)
{
    return index < made->n_models ? made->models[index].name : NULL;
}

const char *const *estro_made_settings(const estro_made *made, size_t *count)
{
    *count = made->n_settings;
    return made->settings;
}

estro_compose_options estro_made_options(const estro_made *made)
{
    return made->options;
}

/* ---- whether things are as they were ---- */

estro_status es_made_check(const estro_made *made, const es_style *style,
                           const estro_compose_options *given, estro_diag *diag)
{
    es_diag_init(diag, made->path);
    if (strcmp(style->name, made->style.name) != 0 || !es_made_is(&made->style, style->digest)) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT,
                       "it was made in style %s as that stood then (%s); this is %s",
                       made->style.name, made->style.digest,
                       strcmp(style->name, made->style.name) ? style->name : "another text of it");
    }
    if (given->n_models != made->n_models) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "it was made with %lu models, not %lu",
                       (unsigned long)made->n_models, (unsigned long)given->n_models);
    }
    for (size_t i = 0; i < made->n_models; i++) {
        const es_model *model = given->models[i]->model;
        if (strcmp(model->name, made->models[i].name) != 0 ||
            !es_made_is(&made->models[i], model->digest)) {
            return es_fail(diag, ESTRO_ERR_ARGUMENT, "it was made with model %s (%s), not this %s",
                           made->models[i].name, made->models[i].digest, model->name);
        }
    }
    return ESTRO_OK;
}

estro_status es_made_check_theme(const estro_made *made, const es_theme *theme, estro_diag *diag)
{
    if (!made->theme.name == !theme && (!theme || es_made_is(&made->theme, theme->digest))) {
        return ESTRO_OK;
    }
    es_diag_init(diag, made->path);
    return es_fail(diag, ESTRO_ERR_ARGUMENT, "it was made with %s",
                   !made->theme.name ? "no theme"
                   : theme           ? "another theme"
                                     : "a theme; it is to be named again");
}
