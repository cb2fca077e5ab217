/*
 * Themes for a host: what the user names is a file, if there is one of that name or it looks like the name of one, else notes. What became
 * of the theme is written down as the bars go by.
 */
#include "api/api.h"

#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"

#include <ctype.h>
#include <string.h>

/* "-", or something with an ending and without what only notes have. */
static bool is_file_name(const char *text)
{
    const char *dot = strrchr(text, '.');
    size_t length = 0;

    while (dot && isalnum((unsigned char)dot[length + 1])) {
        length++;
    }
    return strcmp(text, "-") == 0 || (dot && dot > text && length >= 2 && length <= 5 &&
                                      !dot[length + 1] && !strpbrk(text, "|[]"));
}

static estro_status read_theme(es_theme **out, const char *text, estro_diag *diag)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    estro_diag unread = {0};

    es_diag_init(&unread, text);
    if (es_file_read(&bytes, &size, text, &unread) == ESTRO_OK) {
        const estro_status status =
            es_theme_read(out, bytes, size, text, ES_THEME_BY_CONTENT, diag);
        es_free(bytes);
        return status;
    }
    if (is_file_name(text)) {
        if (diag) {
            *diag = unread;
        }
        return unread.status;
    }
    return es_theme_read(out, (const uint8_t *)text, strlen(text), "theme", ES_THEME_SNIPPET, diag);
}

/* ---- grids ---- */

/* What a model writes stands on its grid; all else on a 24th of a quarter. */
void es_api_grids(es_tick grids[ES_MAX_PARTS], const es_style *style,
                  const es_compose_options *options)
{
    for (int p = 0; p < ES_MAX_PARTS; p++) {
        grids[p] = ES_QUARTER / 24;
    }
    for (uint32_t g = 0; g < style->n_groups; g++) {
        const es_model *model = es_model_of_group(options, style, g);
        if (!model || model->meta.profile != ES_PROFILE_VOICES || model->coding.grid == 0) {
            continue;
        }
        for (int i = 0; i < style->groups[g].n_parts; i++) {
            grids[style->groups[g].part[i]] = ES_QUARTER / model->coding.grid;
        }
    }
}

estro_status es_api_theme(estro_composer *self, es_compose_options *out, const char *theme,
                          estro_diag *diag)
{
    es_plan_options *plan = &out->plan;
    es_tick grids[ES_MAX_PARTS];

    if (out->freehand) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT,
                       "a theme needs a style; this model writes by itself");
    }
    ES_TRY(read_theme(&self->theme, theme, diag));
    es_api_grids(grids, self->style, out);
    ES_TRY(es_setting_new(&self->setting, self->theme, self->style, grids, plan->seed, diag));
    plan->tunes = es_setting_tunes(self->setting);
    if (!plan->has_key && !plan->chords) {
        plan->key = es_setting_key(self->setting);
        plan->has_key = true;
    }
    return ESTRO_OK;
}

estro_status es_api_theme_anew(estro_composer *self, es_compose_options *out, estro_diag *diag)
{
    es_tick grids[ES_MAX_PARTS];

    es_setting_free(self->setting);
    self->setting = NULL;
    es_api_grids(grids, self->style, out);
    ES_TRY(es_setting_new(&self->setting, self->theme, self->style, grids, out->plan.seed, diag));
    out->plan.tunes = es_setting_tunes(self->setting);
    return ESTRO_OK;
}

void es_api_theme_done(estro_composer *self)
{
    es_setting_free(self->setting);
    es_theme_free(self->theme);
    es_free(self->uses);
}

/* ---- the report ---- */

static void write_kinds(char *out, size_t size, uint16_t kinds)
{
    *out = '\0';
    for (int k = 0; k < ES_THEME_KINDS; k++) {
        if (kinds >> k & 1) {
            es_append(out, size, "%s%s", *out ? " " : "", es_theme_kind_name((es_theme_kind)k));
        }
    }
}

estro_status es_api_theme_bar(estro_composer *self, const es_bar *bar, estro_diag *diag)
{
    const es_plan_phrase *phrase =
        self->setting && bar->phrase_bar == 0 ? es_composer_phrase(self->composer) : NULL;

    /* Of a piece without end nothing is written down. */
    if (!phrase || !phrase->tune || es_composer_frame(self->composer)->n_bars == 0) {
        return ESTRO_OK;
    }
    if (!es_grow(&self->uses, self->n_uses, &self->uses_capacity, sizeof *self->uses)) {
        return es_fail_memory(diag);
    }
    const es_theme_use *use = es_setting_use(phrase->tune);
    estro_theme_use *out = &self->uses[self->n_uses++];
    *out = (estro_theme_use){
        .first_bar = bar->index + (uint32_t)(use->start / bar->length),
        .start = bar->start + use->start,
        .end = bar->start + use->end,
        .part = self->style->parts[use->part].name,
        .from = use->from,
        .to = use->to,
        .theme_notes = (uint32_t)use->n_source,
        .theme_onsets = use->source,
        .notes = (uint32_t)use->n_notes,
        .semitones = use->semitones,
        .steps = use->steps,
    };
    out->bars = (uint32_t)((use->end + bar->length - 1) / bar->length) -
                (uint32_t)(use->start / bar->length);
    write_kinds(out->kinds, sizeof out->kinds, use->kinds);
    return ESTRO_OK;
}

bool estro_composer_theme(const estro_composer *composer, size_t i, estro_theme_use *out)
{
    if (i >= composer->n_uses) {
        return false;
    }
    *out = composer->uses[i];
    return true;
}
