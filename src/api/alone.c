/*
 * A model alone: the style that stands in for one. It is written as text and compiled like any other, so that there is one way to
 * a style. It asks for nothing that the model might not do by itself: form in fours, all the harmony of the key, no `never`.
 */
#include "api/api.h"

#include "base/text.h"
#include "stream/kit.h"
#include "style/names.h"

static const char *const roles[] = {"melody", "bass", "counter", "harmony"};

/** Role of a voice by its place in the drawing order: top, bottom, inner ones. */
static const char *role_of(int voice, int n_voices)
{
    return voice == 0              ? roles[0]
           : voice == n_voices - 1 ? roles[1]
           : voice == 1            ? roles[2]
                                   : roles[3];
}

/** The finest note value that is whole steps of the model's grid and holds its triplets. */
static const char *step_value(int grid)
{
    static const char *const values[] = {"4", "8", "16", "32"};
    int i = 0;

    if (grid % 12 == 0) {
        return "32t";
    }
    if (grid == 3 || grid == 6) {
        return grid == 3 ? "8t" : "16t";
    }
    while (i < 3 && 4 * grid % (8 << i) == 0) {
        i++;
    }
    return values[i];
}

/** Its range in the corpus; of a known instrument no more than what that plays. */
static void add_range(es_text *text, const es_coding *coding, int voice,
                      const es_instrument *instrument)
{
    int low = coding->low[voice];
    int high = coding->high[voice];
    char from[8], to[8];

    if (instrument && instrument->low < high && instrument->high > low) {
        low = instrument->low > low ? instrument->low : low;
        high = instrument->high < high ? instrument->high : high;
    }
    es_pitch_write(from, sizeof from, low, NULL);
    es_pitch_write(to, sizeof to, high, NULL);
    es_text_add(text, " range %s..%s", from, to);
}

static void add_part(es_text *text, const es_coding *coding, int voice)
{
    const int program = coding->program[voice];
    const es_instrument *const instrument = program ? es_instrument_get(program - 1) : NULL;

    es_text_add(text, "part voice%d { role %s instrument \"%s\"", voice + 1,
                role_of(voice, coding->n_voices),
                instrument              ? instrument->name
                : coding->n_voices == 1 ? "Violin"
                                        : "Church Organ");
    add_range(text, coding, voice, instrument);
    es_text_add(text,
                " grid %s rest 1\n"
                "  strong chord 9 scale 2 chromatic 0.2 weak chord 3 scale 3 chromatic 0.5 }\n",
                step_value(coding->grid));
}

static void add_harmony(es_text *text)
{
    es_text_add(text, "harmony major {\n"
                      "  phrase(half) = go V:2 | go IV V | go ii V | go V/V V\n"
                      "  phrase(authentic) = go V I:2 | go IV V I:2 | go ii6 V7 I:2\n"
                      "  go = any | any go\n"
                      "  any = [3] I | I6 | [2] IV | [2] V | V6 | [2] vi | ii | ii6 | iii | V7 | "
                      "viio6 | I:2 | V:2\n"
                      "}\n"
                      "harmony minor {\n"
                      "  phrase(half) = go V:2 | go iv V | go iio6 V\n"
                      "  phrase(authentic) = go V i:2 | go iv V i:2 | go iio6 V7 i:2\n"
                      "  go = any | any go\n"
                      "  any = [3] i | i6 | [2] iv | [2] V | V6 | [2] VI | VII | III | iio6 | V7 | "
                      "viio6 | i:2 | V:2\n"
                      "}\n");
}

static void add_form(es_text *text, const char *keys)
{
    es_text_add(text,
                "estro 1\n"
                "style alone \"What a model writes by itself\"\n"
                "meter 4/4\n"
                "tempo 84..108\n"
                "keys %s\n"
                "form {\n"
                "  piece = [4] <a 4 half> <b 4 authentic> <c 4 half> <d 4 authentic>\n"
                "        | [4] <a 4 half> <a' 4 authentic> <b 4 half> <c 4 authentic>\n"
                "        | [1] <a 4 half> <b 4 authentic>\n"
                "        | [2] <a 4 half> <b 4 authentic> piece\n"
                "}\n",
                keys);
    add_harmony(text);
}

static void write_style(es_text *text, const es_coding *coding)
{
    add_form(text, "[3] C [3] G [3] D [2] F [2] A [2] Bb [2] a [2] e [2] d [2] g");
    for (int voice = 0; voice < coding->n_voices; voice++) {
        add_part(text, coding, voice);
    }
    es_text_add(text, "group all =");
    for (int voice = 0; voice < coding->n_voices; voice++) {
        es_text_add(text, " voice%d", voice + 1);
    }
    es_text_add(text, " by model alone\ntexture main {");
    for (int voice = 0; voice < coding->n_voices; voice++) {
        es_text_add(text, " voice%d free", voice + 1);
    }
    es_text_add(text, " }\n");
}

/* What a model writes freehand needs a form and an instrument; harmony and texture are there because a style has them. */
static void write_freehand_style(es_text *text, const es_notes_coding *coding)
{
    char low[8], high[8];

    es_pitch_write(low, sizeof low, coding->low, NULL);
    es_pitch_write(high, sizeof high, coding->high, NULL);
    add_form(text, "C");
    es_text_add(text,
                "part piano { role melody instrument \"Acoustic Grand Piano\" range %s..%s grid %s "
                "}\ntexture main { piano free }\n",
                low, high, step_value(coding->grid ? coding->grid : ES_NOTES_USUAL_GRID));
}

/*
 * Eight bars and eight bars: a fill leads from each phrase to the next. The levels that the model draws are played as far apart as
 * drummers play them; the name of the feel is no family's, so that the model chooses one.
 */
static void write_drums(es_text *text)
{
    es_text_add(text, "estro 1\n"
                      "style alone \"What a model of drums plays by itself\"\n"
                      "meter 4/4\n"
                      "tempo 84..124\n"
                      "keys C\n"
                      "form {\n"
                      "  piece = [8] <a 8 open> <b 8 open> <c 8 open> <d 8 open>\n"
                      "        | [1] <a 4 open> | [1] <a 8 open> | [1] <a 4 open> <b 8 open>\n"
                      "        | [1] <a 8 open> <b 8 open>\n"
                      "        | [2] <a 8 open> <b 8 open> <c 8 open> piece\n"
                      "}\n"
                      "harmony { phrase = N | N phrase }\n"
                      "part kit { role drums }\n"
                      "group all = kit by model alone\n"
                      "texture main { kit free motif \"aaaaaaab\" }\n"
                      "feel played {\n");
    for (int piece = 0; piece < ES_KIT_PIECES; piece++) {
        es_text_add(text, "  %s loose \"7\" level 34 70 118\n", es_kit_name(piece));
    }
    es_text_add(text, "}\nperform { velocity 60..92 human 2 ms 6 ritard 1 feel played }\n");
}

estro_status es_api_style_of_model(es_style **out, const es_model *model, estro_diag *diag)
{
    es_text text = {0};
    estro_status status;

    if (model->meta.profile == ES_PROFILE_NOTES) {
        write_freehand_style(&text, &model->notes);
    } else if (model->meta.profile == ES_PROFILE_DRUMS) {
        write_drums(&text);
    } else {
        write_style(&text, &model->coding);
    }
    if (text.has_failed) {
        status = es_fail_memory(diag);
    } else {
        status = es_style_parse(out, text.text, text.length, model->name, diag);
    }
    es_text_done(&text);
    return status;
}
