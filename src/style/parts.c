/*
 * Parts get what their text leaves open, by role and instrument; groups and constraints find their parts.
 */
#include "style/compile.h"

#include "base/real.h"
#include "style/names.h"

#include <string.h>

/* What a role stands for when a part says nothing. */
typedef struct role_defaults {
    uint8_t program, low, high;
    double strong[3], weak[3], move[13], onset[4];
    uint8_t lines, voicing, pedal;
    double lead, strum_ms;
} role_defaults;

static const role_defaults by_role[ES_ROLE_COUNT] = {
    [ES_ROLE_MELODY] = {0,
                        60,
                        84,
                        {9, 1, 0},
                        {3, 2, 0},
                        {2, 6, 8, 4, 4, 3, 0.1, 2, 0.4, 0.4, 0.05, 0.02, 0.5},
                        {8, 5, 4, 0.6}},
    [ES_ROLE_COUNTER] = {0,
                         55,
                         79,
                         {9, 1, 0},
                         {3, 2, 0},
                         {4, 6, 8, 4, 3, 2, 0.1, 1, 0.3, 0.3, 0.05, 0.02, 0.3},
                         {6, 5, 3, 0.4}},
    [ES_ROLE_HARMONY] = {0,
                         48,
                         72,
                         {1, 0, 0},
                         {1, 0, 0},
                         {8, 6, 6, 4, 3, 2, 0.5, 1, 0.5, 0.5, 0.2, 0.1, 0.3},
                         {8, 5, 3, 0.2}},
    [ES_ROLE_BASS] = {32,
                      36,
                      60,
                      {9, 0, 0},
                      {4, 1, 0},
                      {3, 3, 5, 3, 3, 5, 0.2, 4, 0.5, 0.5, 0.2, 0.02, 1.5},
                      {8, 5, 3, 0.2}},
    [ES_ROLE_DRUMS] =
        {0, 27, 87, {1, 1, 1}, {1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1}},
};

/* Roles beyond the five: what they do not say themselves is that of the role they stand for. */
static const role_defaults by_manner[ES_MANNER_COUNT] = {
    [ES_MANNER_PAD] = {.program = 89,
                       .low = 48,
                       .high = 76,
                       .strong = {1, 0, 0},
                       .weak = {1, 0, 0},
                       .move = {8, 6, 6, 4, 3, 2, 0.5, 1, 0.5, 0.5, 0.2, 0.1, 0.3},
                       .onset = {4, 1, 0.2, 0},
                       .lines = 4,
                       .lead = 1},
    [ES_MANNER_ARPEGGIO] = {.program = 46,
                            .low = 48,
                            .high = 84,
                            .strong = {1, 0, 0},
                            .weak = {1, 0, 0},
                            .move = {0.2, 1, 2, 5, 5, 5, 1, 4, 2, 2, 0.5, 0.2, 3},
                            .onset = {9, 9, 9, 6},
                            .lines = 1,
                            .pedal = ES_PEDAL_CHORD},
    [ES_MANNER_STRUM] = {.program = 25,
                         .low = 40,
                         .high = 76,
                         .strong = {1, 0, 0},
                         .weak = {1, 0, 0},
                         .move = {8, 6, 6, 4, 3, 2, 0.5, 1, 0.5, 0.5, 0.2, 0.1, 0.3},
                         .onset = {8, 6, 5, 2},
                         .lines = 5,
                         .lead = 0.5,
                         .strum_ms = 14},
    [ES_MANNER_WALKING] = {.program = 32,
                           .low = 28,
                           .high = 55,
                           .strong = {9, 1, 0},
                           .weak = {3, 3, 0.5},
                           .move = {0.3, 6, 8, 5, 4, 4, 0.3, 2, 0.3, 0.3, 0.1, 0.02, 0.6},
                           .onset = {9, 9, 9, 0.1},
                           .lines = 1},
    [ES_MANNER_STRIDE] = {.program = 0,
                          .low = 33,
                          .high = 69,
                          .strong = {1, 0, 0},
                          .weak = {1, 0, 0},
                          .move = {8, 6, 6, 4, 3, 2, 0.5, 1, 0.5, 0.5, 0.2, 0.1, 0.3},
                          .onset = {8, 5, 3, 0.2},
                          .lines = 4,
                          .voicing = ES_VOICING_CLOSE,
                          .lead = 1},
};

static const role_defaults *defaults_of(const es_part_tree *tree)
{
    return tree->manner == ES_MANNER_PLAIN ? &by_role[tree->part.role] : &by_manner[tree->manner];
}

void es_defaults(es_style *style)
{
    style->meter = (es_meter){4, 4};
    style->tempo = (es_tempo_range){100, 100};
    style->performance = (es_performance){.swing = 0.5,
                                          .swing_unit = ES_QUARTER / 2,
                                          .velocity_low = 50,
                                          .velocity_high = 100,
                                          .accent = 8,
                                          .arch = 0.1,
                                          .gate = 0.95,
                                          .ritard = 1};
}

static void default_range(const es_part_tree *tree, es_part *part)
{
    const role_defaults *role = defaults_of(tree);
    const es_instrument *instrument = es_instrument_get(part->program);

    if (tree->has_range) {
        return;
    }
    part->low = role->low;
    part->high = role->high;
    if (part->role == ES_ROLE_DRUMS) {
        return;
    }
    /* Where role and instrument have less than an octave in common, the instrument decides. */
    const uint8_t low = part->low > instrument->low ? part->low : instrument->low;
    const uint8_t high = part->high < instrument->high ? part->high : instrument->high;
    const bool agrees = high >= low + 12;
    part->low = agrees ? low : instrument->low;
    part->high = agrees ? high : instrument->high;
}

static estro_status default_home(es_build *build, const es_part_tree *tree, es_part *part)
{
    if (!tree->has_home) {
        part->home = (uint8_t)((part->low + part->high) / 2);
    } else if (part->home < part->low || part->home > part->high) {
        return es_build_fail(build, ESTRO_ERR_STYLE, tree->home_place,
                             "the home of '%s' is outside its range", part->name);
    }
    return ESTRO_OK;
}

static void default_weights(const es_part_tree *tree, es_part *part)
{
    const role_defaults *role = defaults_of(tree);

    if (!tree->has_strong) {
        memcpy(part->tone_strong, role->strong, sizeof part->tone_strong);
    }
    if (!tree->has_weak) {
        memcpy(part->tone_weak, role->weak, sizeof part->tone_weak);
    }
    if (!tree->has_move) {
        memcpy(part->move, role->move, sizeof part->move);
    }
    if (!tree->has_onset) {
        memcpy(part->onset, role->onset, sizeof part->onset);
    }
    if (!tree->has_fine) {
        part->fine = part->onset[3];
    }
    if (!tree->has_grid) {
        part->grid = ES_QUARTER / 2;
    }
    if (!tree->has_volume) {
        part->volume = 100;
    }
    if (!tree->has_lines) {
        part->n_lines = role->lines > 0 ? role->lines : 1;
    }
}

static void default_playing(const es_part_tree *tree, es_part *part)
{
    const role_defaults *role = defaults_of(tree);
    const double lead = tree->has_lead ? tree->lead : role->lead;

    if (!tree->has_voicing) {
        part->voicing = role->voicing;
    }
    if (!tree->has_pedal) {
        part->pedal = role->pedal;
    }
    if (!tree->has_strum) {
        part->strum_ms = role->strum_ms;
    }
    for (int size = 1; size < 13 && lead > 0; size++) {
        part->move[size] /= es_exp(lead * es_log(1 + size));
    }
}

static estro_status compile_part(es_build *build, const es_part_tree *tree, es_part *part)
{
    *part = tree->part;
    if (!tree->has_role) {
        return es_build_fail(build, ESTRO_ERR_STYLE, tree->place,
                             "part '%s' has no role (melody, counter, harmony, bass, drums)",
                             part->name);
    }
    if (part->role == ES_ROLE_DRUMS && tree->has_lines && part->n_lines != 1) {
        return es_build_fail(build, ESTRO_ERR_STYLE, tree->place,
                             "part '%s' plays drums: it has no lines", part->name);
    }
    if (!tree->has_instrument) {
        part->program = defaults_of(tree)->program;
    }
    if (tree->has_grid && es_meter_bar(build->style->meter) % part->grid) {
        return es_build_fail(build, ESTRO_ERR_STYLE, tree->place,
                             "the grid of '%s' does not divide the bar evenly", part->name);
    }
    default_weights(tree, part);
    default_playing(tree, part);
    default_range(tree, part);
    return default_home(build, tree, part);
}

/* Which part has the themes that are given. */
static estro_status compile_theme(es_build *build)
{
    uint32_t part = 0;

    ES_TRY(es_find_part(build, &build->tree.theme_part, &part));
    if (build->style->parts[part].role == ES_ROLE_DRUMS) {
        return es_build_fail(build, ESTRO_ERR_STYLE, build->tree.theme_part.place,
                             "drums cannot play a theme");
    }
    build->style->theme_part = (uint8_t)(part + 1);
    return ESTRO_OK;
}

estro_status es_compile_parts(es_build *build)
{
    es_style *style = build->style;
    uint8_t channel = 0;

    if (!build->tree.n_parts) {
        return es_build_fail(build, ESTRO_ERR_STYLE, build->tree.name_place,
                             "style '%s' has no part", style->name);
    }
    for (uint32_t i = 0; i < build->tree.n_parts; i++) {
        const es_part_tree *tree = &build->tree.parts[i];
        es_part *part = &style->parts[i];
        ES_TRY(compile_part(build, tree, part));
        if (part->role == ES_ROLE_DRUMS) {
            part->channel = 9;
        } else if (channel > 15) {
            return es_build_fail(build, ESTRO_ERR_STYLE, tree->place,
                                 "MIDI has 15 channels for parts that are not drums");
        } else {
            part->channel = channel++;
            channel = (uint8_t)(channel + (channel == 9));
        }
        part->first_line = (uint8_t)style->n_lines;
        style->n_lines += part->n_lines;
        if (style->n_lines > ES_MAX_LINES) {
            return es_build_fail(build, ESTRO_ERR_STYLE, tree->place,
                                 "all parts together have at most %d lines", ES_MAX_LINES);
        }
    }
    style->n_parts = build->tree.n_parts;
    return build->tree.theme_part.text ? compile_theme(build) : ESTRO_OK;
}

int es_part_find(const es_style *style, const char *name)
{
    for (uint32_t p = 0; p < style->n_parts; p++) {
        if (strcmp(style->parts[p].name, name) == 0) {
            return (int)p;
        }
    }
    return -1;
}

estro_status es_find_part(es_build *build, const es_word *name, uint32_t *index)
{
    const int found = es_part_find(build->style, name->text);
    es_guess guess;

    if (found >= 0) {
        *index = (uint32_t)found;
        return ESTRO_OK;
    }
    es_guess_init(&guess, name->text);
    for (uint32_t i = 0; i < build->style->n_parts; i++) {
        es_guess_try(&guess, build->style->parts[i].name);
    }
    return es_build_fail(build, ESTRO_ERR_STYLE, name->place, "there is no part '%s'%s", name->text,
                         es_guess_text(&guess));
}

/* ---- groups ---- */

/* The parts of a list as a set; no part twice. */
static estro_status part_set(es_build *build, const es_part_list *list, uint32_t *set)
{
    uint32_t index;

    *set = 0;
    for (; list; list = list->next) {
        ES_TRY(es_find_part(build, &list->part, &index));
        if (*set >> index & 1) {
            return es_build_fail(build, ESTRO_ERR_STYLE, list->part.place, "'%s' stands twice here",
                                 list->part.text);
        }
        *set |= UINT32_C(1) << index;
    }
    return ESTRO_OK;
}

static void add_group(es_style *style, es_group group, uint32_t set)
{
    for (uint32_t i = 0; i < style->n_parts; i++) {
        if (set >> i & 1) {
            group.part[group.n_parts++] = (uint8_t)i;
            style->parts[i].group = (uint8_t)style->n_groups;
        }
    }
    style->groups[style->n_groups++] = group;
}

/* Parts that a model is told: some of the group, not all, and of pitches. */
static estro_status find_given(es_build *build, const es_group_tree *tree, uint32_t set,
                               uint32_t *given)
{
    if (!tree->given) {
        return ESTRO_OK;
    }
    ES_TRY(part_set(build, tree->given, given));
    for (const es_part_list *p = tree->given; p; p = p->next) {
        uint32_t index;
        ES_TRY(es_find_part(build, &p->part, &index));
        if (!(set >> index & 1) || build->style->parts[index].role == ES_ROLE_DRUMS) {
            return es_build_fail(
                build, ESTRO_ERR_STYLE, p->part.place,
                "'%s' is no pitched part of the group, so its model is not told it", p->part.text);
        }
    }
    if (!tree->model || *given == set) {
        return es_build_fail(build, ESTRO_ERR_STYLE, tree->given->part.place,
                             "what is given is told to a model, which writes the other parts");
    }
    return ESTRO_OK;
}

estro_status es_compile_groups(es_build *build)
{
    es_style *style = build->style;
    uint32_t taken = 0, set;

    for (const es_group_tree *tree = build->tree.groups; tree; tree = tree->next) {
        ES_TRY(part_set(build, tree->parts, &set));
        for (const es_part_list *p = tree->parts; p && set & taken; p = p->next) {
            uint32_t index;
            ES_TRY(es_find_part(build, &p->part, &index));
            if (taken >> index & 1) {
                return es_build_fail(build, ESTRO_ERR_STYLE, p->part.place,
                                     "'%s' is in a group already: '%s'", p->part.text,
                                     style->groups[style->parts[index].group].name);
            }
        }
        taken |= set;
        es_group group = {.name = tree->name.text,
                          .model = tree->model,
                          .exponent = tree->exponent,
                          .temperature = tree->temperature,
                          .copy = tree->copy};
        ES_TRY(find_given(build, tree, set, &group.given));
        add_group(style, group, set);
    }
    for (uint32_t i = 0; i < style->n_parts; i++) {
        if (!(taken >> i & 1)) {
            add_group(
                style,
                (es_group){
                    .name = style->parts[i].name, .exponent = 1, .temperature = 1, .copy = -1},
                UINT32_C(1) << i);
        }
    }
    return ESTRO_OK;
}

/* ---- constraints ---- */

/* Whether a kind is about drums rather than pitches. */
static bool is_drum_kind(uint8_t kind)
{
    return kind == ES_CONSTRAINT_TOGETHER || kind == ES_CONSTRAINT_ABSENT;
}

/* All parts that a kind can be about. */
static uint32_t all_parts(const es_style *style, uint8_t kind)
{
    uint32_t set = 0;

    for (uint32_t i = 0; i < style->n_parts; i++) {
        if ((style->parts[i].role == ES_ROLE_DRUMS) == is_drum_kind(kind)) {
            set |= UINT32_C(1) << i;
        }
    }
    return set;
}

static estro_status check_list(es_build *build, const es_constraint_tree *tree, uint32_t set)
{
    const es_style *style = build->style;
    uint32_t lines = 0, index;

    for (const es_part_list *p = tree->parts; p; p = p->next) {
        ES_TRY(es_find_part(build, &p->part, &index));
        if (!(all_parts(style, tree->constraint.kind) >> index & 1)) {
            return es_build_fail(build, ESTRO_ERR_STYLE, p->part.place,
                                 is_drum_kind(tree->constraint.kind)
                                     ? "this constraint is about drums, '%s' plays none"
                                     : "this constraint is about pitches, '%s' plays drums",
                                 p->part.text);
        }
    }
    for (uint32_t i = 0; i < style->n_parts; i++) {
        lines += set >> i & 1 ? style->parts[i].n_lines : 0;
    }
    if (!lines) {
        return es_build_fail(build, ESTRO_ERR_STYLE, tree->place,
                             "this constraint is about %s, and no part plays any",
                             is_drum_kind(tree->constraint.kind) ? "drums" : "pitches");
    }
    if (tree->constraint.is_pair && tree->parts && lines < 2) {
        return es_build_fail(build, ESTRO_ERR_STYLE, tree->list_place,
                             "'between' needs two parts, or one of several lines");
    }
    return ESTRO_OK;
}

estro_status es_compile_constraints(es_build *build)
{
    es_style *style = build->style;
    const uint32_t beat = (uint32_t)es_meter_beat(style->meter);

    style->constraints =
        es_arena_calloc(&style->arena, build->n_constraints + 1, sizeof *style->constraints);
    if (!style->constraints) {
        return es_build_no_memory(build);
    }
    for (const es_constraint_tree *tree = build->tree.constraints; tree; tree = tree->next) {
        es_constraint *out = &style->constraints[style->n_constraints++];
        *out = tree->constraint;
        if (tree->parts) {
            ES_TRY(part_set(build, tree->parts, &out->parts));
        } else {
            out->parts = all_parts(style, out->kind);
        }
        ES_TRY(check_list(build, tree, out->parts));
        if (out->kind == ES_CONSTRAINT_SILENCE) {
            out->n *= (int32_t)beat;
        }
    }
    return ESTRO_OK;
}
