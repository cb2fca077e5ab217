/**
 * @file estro.h
 * estro: music from a style grammar and a recurrent model.
 *
 *     style text + model file --composer--> bars --performed, scheduled--> messages --> sink
 *
 * Words for pointers: *borrowed* is used during the call only; *kept* must outlive the object; *owned* is the
 * receiver's, to be freed as named. Objects are opaque. A style and a model are immutable and may be shared between
 * threads; every other object belongs to one thread at a time. Nothing here has global state, prints or exits.
 *
 * Option structs begin with their size: fill them with the function that ends in `_default`, then change members.
 */
#ifndef ESTRO_ESTRO_H
#define ESTRO_ESTRO_H

#include <estro/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ESTRO_VERSION_MAJOR 0
#define ESTRO_VERSION_MINOR 1
#define ESTRO_VERSION_PATCH 0

/** "0.1.0", of the library that runs. Static. */
ESTRO_API const char *estro_version(void);

/** What this build can do: names separated by spaces ("smf portmidi fluidsynth sndfile train"). Static. */
ESTRO_API const char *estro_features(void);
/**
 * Whether a feature works here and now: its module is opened with the libraries that it needs.
 *
 * @param feature A name out of estro_features. @return ESTRO_ERR_UNSUPPORTED; the text says what to install.
 */
ESTRO_API estro_status estro_feature_check(const char *feature, estro_diag *diag);

/* ---------------------------------------------------------------- styles and models */

typedef struct estro_style estro_style;
typedef struct estro_model estro_model;

typedef struct estro_style_options {
    uint32_t size;
    const char *const
        *settings; /**< [n_settings]: what params are set to, "energy=0.8". Borrowed. */
    size_t n_settings;
} estro_style_options;

ESTRO_API estro_style_options estro_style_options_default(void);

/**
 * Load a style by path, or by bare name from the style folders (see estro_find); "-" is standard input.
 *
 * @param options  NULL: the default. Params keep what they are set to as long as the style lives.
 * @return Also ESTRO_ERR_ARGUMENT: the style has no such param, or the param no such value.
 */
ESTRO_API estro_status estro_style_load(estro_style **out, const char *path,
                                        const estro_style_options *options, estro_diag *diag);
/** Compile a style from memory. @param text [size], borrowed. @param source Name in messages, borrowed; imports are looked for in its folder first. */
ESTRO_API estro_status estro_style_parse(estro_style **out, const char *text, size_t size,
                                         const char *source, const estro_style_options *options,
                                         estro_diag *diag);
/**
 * Compile a style, found as by estro_style_load, and look it over.
 *
 * @param warn  Called for each thing that compiles but is not likely to be meant: rules that nothing uses, constraints that cannot
 *              be kept. `source` is the file, the style itself or one that it imports; line and column count from 1; texts are borrowed.
 * @return ESTRO_END for a library whose text is in order: what it is for shows in the styles that import it.
 */
ESTRO_API estro_status estro_style_check(const char *path, const estro_style_options *options,
                                         void (*warn)(void *self, const char *source, int line,
                                                      int column, const char *text),
                                         void *self, estro_diag *diag);
/**
 * Lay out a style or library, found as by estro_style_load, in the one layout of the language. Words and comments stay as they are.
 *
 * @param write  Called once, with all of the text; borrowed. `is_same`: it is laid out so already.
 * @return ESTRO_ERR_SYNTAX or ESTRO_ERR_STYLE where the text does not parse; what it imports is not looked at.
 */
ESTRO_API estro_status estro_style_format(const char *path,
                                          void (*write)(void *self, const char *text, size_t size,
                                                        bool is_same),
                                          void *self, estro_diag *diag);
ESTRO_API void estro_style_free(estro_style *style);
/** The style as JSON, as it was compiled. @param write Called once, with all of the text; borrowed. @return ESTRO_ERR_MEMORY. */
ESTRO_API estro_status estro_style_json(const estro_style *style,
                                        void (*write)(void *self, const char *text, size_t size),
                                        void *self, estro_diag *diag);
/** Borrowed from the style, as long as it lives. */
ESTRO_API const char *estro_style_name(const estro_style *style);
ESTRO_API const char *estro_style_title(const estro_style *style);
/** Name of the i-th model that the style asks for, NULL past the last. */
ESTRO_API const char *estro_style_model(const estro_style *style, size_t index);

/** A number or a choice that a style leaves to whoever loads it. Texts are borrowed from the style. */
typedef struct estro_param {
    const char *name, *title; /**< `title` may be "". */
    const char *const *words; /**< [n_words]: what can be chosen. */
    size_t n_words;           /**< 0: it is a number, */
    double low, high;         /**< ... of this range. */
    double initial, value;    /**< Of a choice: the index of a word. */
    int controller;           /**< MIDI controller that moves it in live play, -1: none. */
} estro_param;

/** The i-th param of a style. @return False past the last. */
ESTRO_API bool estro_style_param(const estro_style *style, size_t index, estro_param *out);

/** Load a model by path, or by bare name from the style folders. */
ESTRO_API estro_status estro_model_load(estro_model **out, const char *path, estro_diag *diag);
ESTRO_API estro_status estro_model_parse(estro_model **out, const uint8_t *bytes, size_t size,
                                         const char *source, estro_diag *diag);
ESTRO_API void estro_model_free(estro_model *model);
ESTRO_API const char *estro_model_name(const estro_model *model);
/** Card of the model: corpus, licence, command, losses, as text. */
ESTRO_API const char *estro_model_card(const estro_model *model);

/**
 * Where a style or model lies: `name` itself if it is a path to a file, else in $ESTRO_PATH (folders separated by
 * colons), in the user's data folder (~/.local/share/estro), in styles/ beside or above the running program, and in
 * the installed data folder.
 *
 * @param path    [size], overwritten.
 * @param ending  ".style" or ".model".
 * @return ESTRO_ERR_IO when it is nowhere; the text names near ones.
 */
ESTRO_API estro_status estro_find(char *path, size_t size, const char *name, const char *ending,
                                  estro_diag *diag);

/** Call `each` for every style that can be found by name (libraries are none): name, path. Stops when it returns false. */
ESTRO_API estro_status estro_style_each(bool (*each)(void *self, const char *name,
                                                     const char *path),
                                        void *self, estro_diag *diag);

/**
 * Call `each` for the MIDI files (.mid, .midi) of a folder and the folders in it, in byte order; for a path to a file, for that
 * path alone. Stops when it returns false. @return ESTRO_ERR_IO when there is no such file or folder.
 */
ESTRO_API estro_status estro_midi_file_each(const char *path,
                                            bool (*each)(void *self, const char *path), void *self,
                                            estro_diag *diag);

/** The same for every model. */
ESTRO_API estro_status estro_model_each(bool (*each)(void *self, const char *name,
                                                     const char *path),
                                        void *self, estro_diag *diag);

/* ---------------------------------------------------------------- composing */

enum { ESTRO_MAX_MODELS = 8 };

typedef struct estro_compose_options {
    uint32_t size;
    uint64_t seed;   /**< Same seed, same bytes. */
    const char *key; /**< "Eb major", "a"; NULL = the style's choice. Borrowed. */
    double tempo;    /**< Quarters per minute; 0 = the style's choice. */
    uint32_t bars;   /**< Length wanted; 0 = as the form says. */
    double seconds;  /**< The same in time; 0 = as the form says. */
    const char
        *chords; /**< A chord sheet, "Dm7 G7 | Cmaj7"; NULL = the style's harmony. Borrowed. */
    const estro_model
        *models[ESTRO_MAX_MODELS]; /**< Kept. Given to the groups of the style by name. */
    uint32_t n_models;
    double temperature;  /**< 1 = as learned; higher is freer. */
    uint32_t candidates; /**< Phrases drawn for each that is kept; 0 = as the style says, or 1. */
    uint32_t max_copy; /**< Notes in a row that may stand in the training material; 0 = no limit. */
    bool endless;      /**< Go on until estro_composer_finish. */
    bool as_written;   /**< No performance: straight times, written durations, plain velocities. */
    const char *
        parts; /**< Names of the parts to be heard, "bass,drums"; NULL = all. All are composed. Borrowed. */
    const char *
        given; /**< A MIDI file: its tracks that are named like parts of the style are played as they stand there, the others are drawn around them; its only track is the first melody. NULL = none. Borrowed. */
    const char *
        reroll; /**< Bars and parts that are drawn anew, all else stays as it was: "bar=17,part=alto bar=20..22,try=2". Borrowed. */
    const struct estro_made *
        keep; /**< The piece is this file's, and so are all notes that are not drawn anew; of the other options only models, reroll, pin and the seed of what is drawn count. Borrowed. */
    const char *pin; /**< The opposite: they stay, all else is drawn anew. Not both. Borrowed. */
    const char *
        theme; /**< A tune to be stated and developed: a file (.mid, .abc), or notes in ABC, "c d e g |"; NULL = none. Borrowed. */
} estro_compose_options;

ESTRO_API estro_compose_options estro_compose_options_default(void);

/** A MIDI file that was made here: its notes, and how it was made. */
typedef struct estro_made estro_made;

/** @return ESTRO_ERR_IO, ESTRO_ERR_FORMAT (also when its text does not say how it was made). */
ESTRO_API estro_status estro_made_read(estro_made **out, const char *path, estro_diag *diag);
ESTRO_API void estro_made_free(estro_made *made);
/** All texts are borrowed from `made`. Its style; a model alone names itself so. */
ESTRO_API const char *estro_made_style(const estro_made *made);
/** Whether that is this style, of the same text. */
ESTRO_API bool estro_made_is_of(const estro_made *made, const estro_style *style);
/** Name of its i-th model, NULL past the last. */
ESTRO_API const char *estro_made_model(const estro_made *made, size_t index);
/** What the params of its style were set to, "energy=0.8". */
ESTRO_API const char *const *estro_made_settings(const estro_made *made, size_t *count);
/** Its other options, without models. */
ESTRO_API estro_compose_options estro_made_options(const estro_made *made);

typedef struct estro_composer estro_composer;

/** A note as composed. Times in ticks of 1/10,080 of a quarter from the start of the piece. */
typedef struct estro_note {
    int64_t start;
    int64_t duration;
    uint8_t key;  /**< 0-127. */
    uint8_t part; /**< Index of the part. */
    uint8_t line; /**< Voice within the part. */
    int8_t accent;
} estro_note;

/** A bar. Pointers are borrowed, valid until the next but one bar. */
typedef struct estro_bar {
    uint32_t index;
    int64_t start, length;
    uint8_t meter_numerator, meter_denominator;
    double tempo;
    const char *section; /**< When a section begins here, else NULL. */
    bool is_cadence, is_last;
    const char *chords; /**< A symbol a beat, separated by spaces. */
    const estro_note *notes;
    size_t n_notes;
} estro_bar;

/**
 * @param style Kept; NULL composes by the first model alone.
 * @return ESTRO_ERR_STYLE, ESTRO_ERR_MODEL, ESTRO_ERR_ARGUMENT, ESTRO_ERR_MEMORY.
 */
ESTRO_API estro_status estro_composer_new(estro_composer **out, const estro_style *style,
                                          const estro_compose_options *options, estro_diag *diag);
ESTRO_API void estro_composer_free(estro_composer *composer);
/** The next bar; ESTRO_END after the last. */
ESTRO_API estro_status estro_composer_next(estro_composer *composer, estro_bar *bar,
                                           estro_diag *diag);
/** End at the next cadence. */
ESTRO_API void estro_composer_finish(estro_composer *composer);

/** What is settled before the first note. */
typedef struct estro_frame {
    char key[24]; /**< "Eb major". */
    double tempo; /**< Quarters per minute. */
    uint8_t meter_numerator, meter_denominator;
    uint32_t bars, phrases; /**< 0 when endless. */
} estro_frame;

ESTRO_API estro_frame estro_composer_frame(const estro_composer *composer);
/**
 * Go on in the same style with params set otherwise, from the next phrase to be composed on; of several calls the last one counts.
 *
 * May be called from one other thread while the composer is used: nothing is waited for.
 * @param style  The same style, loaded again with other settings. Held as long as it is needed: it may be freed at once.
 * @return ESTRO_ERR_ARGUMENT when it is another style.
 */
ESTRO_API estro_status estro_composer_restyle(estro_composer *composer, estro_style *style,
                                              estro_diag *diag);

/** How it is made: "estro 0.1.0; style NAME DIGEST; model NAME DIGEST; seed N; ...". Borrowed from the composer. */
ESTRO_API const char *estro_composer_about(const estro_composer *composer);
/** The sections met so far, "verse verse chorus". Borrowed until the next bar. */
ESTRO_API const char *estro_composer_form(const estro_composer *composer);
/** Bars and parts met so far that were to be drawn anew and came out as they were: "bar 17 of alto, ...". Borrowed until the next bar. */
ESTRO_API const char *estro_composer_unchanged(const estro_composer *composer);

/** A place where the theme is. Texts are borrowed from the composer. */
typedef struct estro_theme_use {
    uint32_t first_bar, bars; /**< From 0; what it touches. */
    int64_t start, end;       /**< Ticks of 1/10,080 of a quarter from the start of the piece. */
    const char *part;
    char kinds[96];   /**< What was done with it: "stated", "inverted augmented". */
    int64_t from, to; /**< The passage of the theme, in ticks from the start of what was read. */
    uint32_t theme_notes, notes; /**< Of that passage that are used, and of what came of it. */
    const int64_t *theme_onsets; /**< [theme_notes]: where they stand in what was read. */
    int32_t semitones; /**< From the first note of the passage to that of what came of it. */
    int32_t
        steps; /**< Of the scale by which it was moved further, or each turn of a sequence is. */
} estro_theme_use;

/** The i-th place of the bars so far where the theme is. @return False when there are no more. */
ESTRO_API bool estro_composer_theme(const estro_composer *composer, size_t i, estro_theme_use *out);

typedef struct estro_compose_stats {
    uint64_t draws, forced; /**< Choices in parts written by a model; of these, choices of one. */
    double mean_z;          /**< Mean mass of the model on what the style allows, 0-1. */
    double nats_model;      /**< -log p of the model-written notes under the model. */
    double nats_sampler;    /**< -log p of all draws as made. */
    uint64_t redrawn_instants, redrawn_bars, redrawn_phrases;
} estro_compose_stats;

ESTRO_API estro_compose_stats estro_composer_stats(const estro_composer *composer);

/* ---------------------------------------------------------------- trying a style */

/** Pieces of a style beside what it expects of them ("expect" in the style). */
typedef struct estro_trial estro_trial;

/** What was found for one expectation. */
typedef struct estro_finding {
    const char *source; /**< Where it stands. Borrowed from the style, as is the text. */
    int line, column;
    const char *text; /**< "expect bars 24..64". */
    bool holds;
    bool is_open;    /**< It holds as far as so few pieces can tell: more are wanted. */
    uint32_t pieces; /**< In which there was something to measure. */
    uint32_t missed; /**< Of these, those that were not as expected. */
    double low, mean, high;
    uint64_t first_seed; /**< Of the first piece that was not, ... */
    double first_value;  /**< ... and what was measured there. */
} estro_finding;

/** @param style Kept. @return ESTRO_ERR_MEMORY. */
ESTRO_API estro_status estro_trial_new(estro_trial **out, const estro_style *style,
                                       estro_diag *diag);
ESTRO_API void estro_trial_free(estro_trial *trial);
/** Compose a piece, measure it, and drop it. @param stats Overwritten; may be NULL. @return As estro_composer_next, never ESTRO_END. */
ESTRO_API estro_status estro_trial_piece(estro_trial *trial, const estro_compose_options *options,
                                         estro_compose_stats *stats, estro_diag *diag);
/** What was found so far for the expectation `index` of the style; false past the last. */
ESTRO_API bool estro_trial_finding(const estro_trial *trial, size_t index, estro_finding *out);

/* ---------------------------------------------------------------- explaining a piece */

/** How a piece came about: which rules its form and harmony were derived by, what each part plays in each bar. */
typedef struct estro_explanation estro_explanation;

/**
 * Compose a piece, and keep how it came about.
 *
 * @param style    Kept; NULL as for estro_composer_new.
 * @param options  As there, but for `endless` and `parts`.
 */
ESTRO_API estro_status estro_explanation_new(estro_explanation **out, const estro_style *style,
                                             const estro_compose_options *options,
                                             estro_diag *diag);
ESTRO_API void estro_explanation_free(estro_explanation *explanation);
/** The derivation as an indented tree, down to chords and the cells of patterns; as a lead sheet; as JSON. Borrowed; NULL: no memory. */
ESTRO_API const char *estro_explanation_text(estro_explanation *explanation);
ESTRO_API const char *estro_explanation_sheet(estro_explanation *explanation);
ESTRO_API const char *estro_explanation_json(estro_explanation *explanation);

/* ---------------------------------------------------------------- messages and sinks */

typedef enum estro_message_kind {
    ESTRO_MIDI,   /**< Channel or system real-time message in `data`. */
    ESTRO_TEMPO,  /**< `value` = microseconds per quarter. */
    ESTRO_METER,  /**< data[0] numerator, data[1] denominator as a power of two. */
    ESTRO_KEY,    /**< data[0] sharps (signed char), data[1] 1 = minor. */
    ESTRO_TEXT,   /**< Any text, `text`. */
    ESTRO_MARKER, /**< Section, `text`. */
    ESTRO_CHORD,  /**< Chord symbol, `text`. */
    ESTRO_TRACK,  /**< Name of track `track`, `text`; comes before anything of that track. */
    ESTRO_FINISH  /**< The end: the time is that of the last bar line. */
} estro_message_kind;

/** What goes to a sink. Both times count from the start. */
typedef struct estro_message {
    int64_t tick; /**< 1/10,080 of a quarter. */
    uint64_t time_ns;
    uint8_t kind; /**< estro_message_kind. */
    uint8_t size; /**< Bytes in `data`, 1-3, for ESTRO_MIDI. */
    uint8_t data[4];
    uint16_t track; /**< Part + 1; 0 for what concerns all. */
    uint32_t value;
    const char *text; /**< Borrowed. */
} estro_message;

enum { ESTRO_SINK_ABI = 1 };

/** Functions of a sink. `self` first everywhere. Messages come in order of time. */
typedef struct estro_sink_ops {
    uint32_t abi; /**< ESTRO_SINK_ABI. */
    const char *name;
    bool is_live; /**< Times are kept: `write` is called when a message is due. */
    estro_status (*write)(void *self, const estro_message *message, estro_diag *diag);
    /** Silence all that sounds at once; NULL = nothing to do. */
    void (*panic)(void *self);
    /** Finish and release. With `commit` false what was written so far is thrown away. */
    estro_status (*close)(void *self, bool commit, estro_diag *diag);
} estro_sink_ops;

typedef struct estro_sink estro_sink;

typedef struct estro_sink_options {
    uint32_t size;
    const char *sound_font; /**< Path; NULL = the first that is found. Borrowed. */
    double
        gain; /**< Of the synthesizer; 0 = as is good for the music (loudness near -16 LUFS in files). */
    uint32_t sample_rate; /**< 0 = 44,100 (48,000 for Opus). */
    uint32_t latency_ms;  /**< Of a device; 0 = its own. */
    bool clock;           /**< Send MIDI clock to a device. */
    const char *comment;  /**< How it was made; written into files that hold text. Borrowed. */
} estro_sink_options;

ESTRO_API estro_sink_options estro_sink_options_default(void);

/**
 * Open a built-in sink.
 *
 * @param kind    "smf", "portmidi", "synth" (FluidSynth, live), "audio" (FluidSynth into a sound file), "text", "null".
 * @param target  File or device name; "-" is standard output where that makes sense; NULL = default device.
 * @return ESTRO_ERR_UNSUPPORTED, ESTRO_ERR_DEVICE, ESTRO_ERR_IO.
 */
ESTRO_API estro_status estro_sink_open(estro_sink **out, const char *kind, const char *target,
                                       const estro_sink_options *options, estro_diag *diag);
/** A sink of one's own. @param ops, self Kept. */
ESTRO_API estro_status estro_sink_new(estro_sink **out, const estro_sink_ops *ops, void *self,
                                      estro_diag *diag);
/** Close and free. With `commit` a file appears under its name, whole; without it, not at all. Accepts NULL. */
ESTRO_API estro_status estro_sink_close(estro_sink *sink, bool commit, estro_diag *diag);

/** Which kind of sink writes a file of this name: "smf", "audio", "text" or NULL. Static. */
ESTRO_API const char *estro_sink_kind_of(const char *path);

/**
 * The sound font that sounds are made with: `name` if it is not NULL, else $ESTRO_SOUNDFONT, else the first in the system's folders.
 *
 * @param path  [size], overwritten. @return ESTRO_ERR_IO when there is none: says what to install.
 */
ESTRO_API estro_status estro_sound_font(char *path, size_t size, const char *name,
                                        estro_diag *diag);

/** Call `each` for every MIDI device that can be played to. */
ESTRO_API estro_status estro_device_each(bool (*each)(void *self, const char *name,
                                                      bool is_default),
                                         void *self, estro_diag *diag);

/** A MIDI device that is listened to. */
typedef struct estro_control estro_control;

/** @param name Of the device, or a part of it. @return ESTRO_ERR_DEVICE: there is none, the text names those that are; ESTRO_ERR_UNSUPPORTED. */
ESTRO_API estro_status estro_control_open(estro_control **out, const char *name, estro_diag *diag);
/** The next change of a controller, 0-127, from 0 to 127. Waits for nothing. @return False when there is none. */
ESTRO_API bool estro_control_next(estro_control *control, int *controller, int *value);
ESTRO_API void estro_control_close(estro_control *control);

/* ---------------------------------------------------------------- rendering and playing */

/** Where the music comes from: a composer, or a MIDI file. */
typedef struct estro_source estro_source;

/** @param composer Kept. @param style Kept; performance and parts are read from it. */
ESTRO_API estro_status estro_source_compose(estro_source **out, estro_composer *composer,
                                            estro_diag *diag);
ESTRO_API estro_status estro_source_file(estro_source **out, const char *path, estro_diag *diag);
ESTRO_API void estro_source_free(estro_source *source);

/** From now on nothing comes from it: a render that is under way ends with ESTRO_ERR_CANCELLED. Async-signal-safe. */
ESTRO_API void estro_source_stop(estro_source *source);

/** Everything into a sink, as fast as it goes, in this thread. Does not close the sink. */
ESTRO_API estro_status estro_render(estro_source *source, estro_sink *sink, estro_diag *diag);

typedef struct estro_player estro_player;

/** What a player has to say. */
typedef struct estro_report {
    bool is_over;
    estro_status
        status; /**< Why it ended; ESTRO_OK for the end of the music, ESTRO_ERR_CANCELLED after a stop at once. */
    uint64_t bars;       /**< Bars played. */
    uint64_t late;       /**< Bars that came too late, or messages past their deadline. */
    uint64_t worst_ns;   /**< Largest lateness of a message. */
    const char *section; /**< Of the bar that plays; borrowed until the next poll. */
} estro_report;

/** Play in threads of its own: one composes ahead, one plays. @param source, sink Kept until estro_player_free. */
ESTRO_API estro_status estro_player_start(estro_player **out, estro_source *source,
                                          estro_sink *sink, estro_diag *diag);
ESTRO_API void estro_player_poll(estro_player *player, estro_report *report);
/** End: at the next cadence, or with `at_once` now. Held notes are ended. Async-signal-safe. */
ESTRO_API void estro_player_stop(estro_player *player, bool at_once);
/** Wait for the end, then free. `diag` tells what ended it. */
ESTRO_API estro_status estro_player_free(estro_player *player, estro_diag *diag);

/* ---------------------------------------------------------------- analysing */

typedef struct estro_analysis estro_analysis;

/** Read metre, key, chords, parts and form out of any MIDI file. */
ESTRO_API estro_status estro_analysis_file(estro_analysis **out, const char *path,
                                           estro_diag *diag);
ESTRO_API void estro_analysis_free(estro_analysis *analysis);
/** As text for a terminal: a lead sheet, the parts, and a piano roll `columns` wide; or as JSON. Borrowed. */
ESTRO_API const char *estro_analysis_text(estro_analysis *analysis, int columns);
ESTRO_API const char *estro_analysis_json(estro_analysis *analysis);

/* ---------------------------------------------------------------- comparing */

/** What two MIDI files have in a bar of a part: how much only the first one, and how much only the second. */
typedef struct estro_difference {
    uint32_t bar; /**< From 0, by the metres of the first. */
    const char
        *part; /**< Name of the track, "piece" for the first one. Borrowed during the call. */
    uint32_t notes_gone, notes_new;   /**< Notes with their time, length, loudness. */
    uint32_t others_gone, others_new; /**< All other events: tempo, chords, controllers. */
} estro_difference;

/**
 * Compare two MIDI files; how they say they were made does not count.
 *
 * @param each  Called for each bar and part in which they differ, by bar.
 * @return ESTRO_ERR_IO, ESTRO_ERR_FORMAT, ESTRO_ERR_UNSUPPORTED (no quarters, too many tracks).
 */
ESTRO_API estro_status estro_diff(const char *a, const char *b,
                                  void (*each)(void *self, const estro_difference *difference),
                                  void *self, estro_diag *diag);

/**
 * Nats of one piece under a model, by the chain rule over its stream: from a zero state, every choice scored, that of the
 * first step too. How long the piece is is given, not scored.
 */
typedef struct estro_evaluation {
    size_t steps, notes, voices; /**< Grid steps; voice-steps = steps * voices. */
    size_t tokens,
        plan_tokens; /**< Choices of the stream: of the notes; of the plan, 0 = none is known. */
    double nats;     /**< Notes alone, plan hidden: what benchmarks count. */
    double nats_plan, nats_given_plan; /**< The analysed plan, and the notes given it. */
    int32_t transposed; /**< Semitones that the piece was moved by to fit the model's ranges. */
} estro_evaluation;

ESTRO_API estro_status estro_evaluate(const estro_model *model, const char *path,
                                      estro_evaluation *out, estro_diag *diag);

/** A piece under a style. */
typedef struct estro_recognition {
    bool is_derivable; /**< Else the style cannot have written it, and `nats` means nothing. */
    double
        nats; /**< Minus the log-probability of its notes: an estimate, as constraints and models are left out. */
    size_t notes;
} estro_recognition;

/** How likely the notes of a MIDI file, as written (`--score`), are under a style; names, programs, channels and tempo are not looked at. */
ESTRO_API estro_status estro_recognise(const estro_style *style, const char *path,
                                       estro_recognition *out, estro_diag *diag);

#ifdef __cplusplus
}
#endif

#include <estro/train.h>

#endif
