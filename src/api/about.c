/*
 * How a piece is made, in one line of text: what a person, or estro_made_read, needs to make the same piece again. Options that have their
 * usual value are left out.
 */
#include "api/api.h"

#include "api/made.h"
#include "base/text.h"

static void add_digest(char *text, size_t size, const char *kind, const char *name,
                       const uint8_t digest[8])
{
    es_append(text, size, "; %s %s ", kind, name);
    for (int i = 0; i < 8; i++) {
        es_append(text, size, "%02x", digest[i]);
    }
}

static void add_settings(char *text, size_t size, const es_style *style)
{
    for (uint32_t i = 0; i < style->n_params; i++) {
        const es_param *param = &style->params[i];
        if (param->said) {
            es_append(text, size, "; set %s=%s", param->name, param->said);
        }
    }
}

static void describe(estro_composer *self, const estro_compose_options *given)
{
    char *text = self->about;
    const size_t size = sizeof self->about;
    const estro_compose_options usual = estro_compose_options_default();

    es_append(text, size, "estro %s", estro_version());
    add_digest(text, size, "style", self->style->name, self->style->digest);
    for (uint32_t i = 0; i < given->n_models; i++) {
        const es_model *model = given->models[i]->model;
        add_digest(text, size, "model", model->name, model->digest);
    }
    if (self->user) {
        add_digest(text, size, "given", "of", es_user_parts_digest(self->user));
    }
    if (self->theme) {
        add_digest(text, size, "theme", "of", self->theme->digest);
    }
    add_settings(text, size, self->style);
    es_append(text, size, "; seed %llu", (unsigned long long)given->seed);
    if (given->key) {
        es_append(text, size, "; key %s", given->key);
    }
    if (given->tempo > 0) {
        es_append(text, size, "; tempo %.10g", given->tempo);
    }
    if (given->bars) {
        es_append(text, size, "; bars %lu", (unsigned long)given->bars);
    }
    if (given->seconds > 0) {
        es_append(text, size, "; duration %.10g", given->seconds);
    }
    if (given->temperature != usual.temperature) {
        es_append(text, size, "; temperature %.10g", given->temperature);
    }
    if (given->candidates != usual.candidates) {
        es_append(text, size, "; candidates %lu", (unsigned long)given->candidates);
    }
    if (given->max_copy != usual.max_copy) {
        es_append(text, size, "; max-copy %lu", (unsigned long)given->max_copy);
    }
    if (given->as_written) {
        es_append(text, size, "; score");
    }
    if (given->parts) {
        es_append(text, size, "; parts %s", given->parts);
    }
    if (given->chords) {
        es_append(text, size, "; chords %s", given->chords);
    }
}

/* What was drawn anew or changed by hand. */
static void describe_again(estro_composer *self, const estro_compose_options *given)
{
    if (self->again && self->again->is_edited) {
        es_append(self->about, sizeof self->about, "; kept");
    }
    if (given->reroll || given->pin) {
        es_append(self->about, sizeof self->about, "; %s %s", given->reroll ? "reroll" : "pin",
                  given->reroll ? given->reroll : given->pin);
    }
}

void es_api_about(estro_composer *self, const estro_compose_options *given)
{
    if (given->keep) {
        es_append(self->about, sizeof self->about, "%s", given->keep->about);
    } else {
        describe(self, given);
    }
    describe_again(self, given);
}
