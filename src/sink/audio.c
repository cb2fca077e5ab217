/*
 * A sound file. Messages drive FluidSynth, frame by frame on the messages' own times; what it gives is kept as raw samples in a
 * nameless temporary file and measured as it goes. When the piece is over it is read back, brought to its loudness (with a limiter,
 * so nothing clips), faded out, and written in the format that the file's name asks for: beside the target first, under its name at last.
 *
 * Invariant: `frame` frames have been rendered; a message is played when `frame` has reached its time.
 */
#include "base/diag.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/rng.h"
#include "sink/limiter.h"
#include "sink/loudness.h"
#include "sink/sink.h"
#include "sink/synth.h"

#include <errno.h>
#include <fcntl.h>
#include <sndfile.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK_FRAMES = 1024, PATH_BYTES = 4096, COMMENT_BYTES = 512, LONGEST_SECONDS = 6 * 60 * 60 };

static const double tail_seconds = 2.0;
static const double fade_seconds = 1.5; /* of the tail */
static const double render_gain = 0.4;  /* before the loudness is known */
static const double target_lufs = -16.0;
static const double most_limiting = 9.0; /* decibels that the limiter may take off a peak */
static const double ceiling_decibel = -1.5;

typedef struct format {
    const char *ending;
    int format;
    int sample_rate;
    bool is_whole; /* 16-bit samples, dithered; else the codec takes floats */
} format;

static const format formats[] = {
    {".wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, true},
    {".flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 44100, true},
    {".ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, false},
    {".oga", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, false},
    {".opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000, false},
};

typedef struct audio_sink {
    char path[PATH_BYTES];
    char temporary[PATH_BYTES];
    const format *format;
    int rate;
    bool keeps_gain; /* the caller chose the gain: no levelling */
    es_synth synth;
    FILE *raw; /* floats, left and right in turn; has no name any more */
    uint64_t frame;
    es_loudness loudness;
    float block[2 * BLOCK_FRAMES];
    char comment[COMMENT_BYTES];
} audio_sink;

static estro_status fail_path(const audio_sink *sink, estro_diag *diag, const char *what,
                              const char *why)
{
    es_diag_init(diag, sink->path);
    return es_fail(diag, ESTRO_ERR_IO, "%s: %s", what, why);
}

/* ---- rendering ---- */

static estro_status render_to(audio_sink *sink, uint64_t frame, estro_diag *diag)
{
    while (sink->frame < frame) {
        const uint64_t left = frame - sink->frame;
        const size_t count = left < BLOCK_FRAMES ? (size_t)left : BLOCK_FRAMES;
        if (fluid_synth_write_float(sink->synth.synth, (int)count, sink->block, 0, 2, sink->block,
                                    1, 2) != FLUID_OK) {
            return fail_path(sink, diag, "the synthesizer failed", es_synth_complaint());
        }
        if (!es_loudness_push(&sink->loudness, sink->block, count)) {
            return es_fail_memory(diag);
        }
        if (fwrite(sink->block, 2 * sizeof(float), count, sink->raw) != count) {
            return fail_path(sink, diag, "cannot write samples", strerror(errno));
        }
        sink->frame += count;
    }
    return ESTRO_OK;
}

static estro_status audio_write(void *self, const estro_message *message, estro_diag *diag)
{
    audio_sink *const sink = self;
    const uint64_t seconds = message->time_ns / 1000000000;
    const uint64_t rest_ns = message->time_ns % 1000000000;
    const uint64_t rate = (uint64_t)sink->rate;

    if (seconds > LONGEST_SECONDS) {
        return fail_path(sink, diag, "cannot write", "the piece is longer than six hours");
    }
    ES_TRY(render_to(sink, seconds * rate + (rest_ns * rate + 500000000) / 1000000000, diag));
    if (message->kind == ESTRO_TEXT && message->track == 0 && !sink->comment[0] && message->text) {
        snprintf(sink->comment, sizeof sink->comment, "%s", message->text);
    }
    es_synth_play(sink->synth.synth, message);
    return ESTRO_OK;
}

/* ---- writing ---- */

/* The gain that brings the piece to its loudness, as far as its peaks allow. */
static double level(const audio_sink *sink)
{
    const double lufs = es_loudness_lufs(&sink->loudness);
    const double peak = (double)sink->loudness.peak;
    const double most = es_decibel(ceiling_decibel + most_limiting);
    double gain = es_decibel(target_lufs - lufs);

    if (sink->keeps_gain || lufs <= -70 || peak <= 0) {
        return 1;
    }
    return gain * peak > most ? most / peak : gain;
}

static void fade(float *frames, uint64_t at, size_t count, uint64_t end, double rate)
{
    const double span = fade_seconds * rate;

    for (size_t i = 0; i < count; i++) {
        const double left = at + i < end ? (double)(end - at - i) : 0;
        if (left < span) {
            const double factor = (left / span) * (left / span);
            frames[2 * i] = (float)((double)frames[2 * i] * factor);
            frames[2 * i + 1] = (float)((double)frames[2 * i + 1] * factor);
        }
    }
}

/* To 16 bits, with noise of triangular distribution, so that a fade ends in silence and not in a buzz. */
static void dither(short *out, const float *in, size_t count, es_rng *rng)
{
    for (size_t i = 0; i < count; i++) {
        const double noise = es_rng_unit(rng) + es_rng_unit(rng) - 1;
        const double x = (double)in[i] * 32767 + (in[i] != 0.0F ? noise : 0);
        const double rounded = x < 0 ? x - 0.5 : x + 0.5;
        out[i] = (short)(rounded < -32768 ? -32768 : rounded > 32767 ? 32767 : rounded);
    }
}

static bool write_block(const audio_sink *sink, SNDFILE *file, const float *frames, size_t count,
                        es_rng *rng)
{
    short whole[2 * BLOCK_FRAMES];

    if (!sink->format->is_whole) {
        return sf_writef_float(file, frames, (sf_count_t)count) == (sf_count_t)count;
    }
    dither(whole, frames, 2 * count, rng);
    return sf_writef_short(file, whole, (sf_count_t)count) == (sf_count_t)count;
}

/* Samples from the temporary through limiter and fade into the file. */
static estro_status encode(audio_sink *sink, SNDFILE *file, es_limiter *limiter, estro_diag *diag)
{
    const uint64_t end = sink->frame;
    es_rng rng = es_rng_at(0, ES_FOR_PERFORMANCE, 0, 0, 0);
    uint64_t skip = limiter->look; /* the limiter's delay */
    uint64_t done = 0;

    rewind(sink->raw);
    while (done < end) {
        size_t count = fread(sink->block, 2 * sizeof(float), BLOCK_FRAMES, sink->raw);
        if (count == 0) {
            if (ferror(sink->raw)) {
                return fail_path(sink, diag, "cannot read samples back", strerror(errno));
            }
            memset(sink->block, 0,
                   sizeof sink->block); /* to get the last ones out of the limiter */
            count = BLOCK_FRAMES;
        }
        es_limiter_run(limiter, sink->block, count);
        const size_t skipped = skip < count ? (size_t)skip : count;
        const uint64_t left = end - done;
        const size_t kept = left < count - skipped ? (size_t)left : count - skipped;
        float *const frames = sink->block + 2 * skipped;
        fade(frames, done, kept, end, sink->rate);
        if (kept > 0 && !write_block(sink, file, frames, kept, &rng)) {
            return fail_path(sink, diag, "cannot write", sf_strerror(file));
        }
        skip -= skipped;
        done += kept;
    }
    return ESTRO_OK;
}

static void describe(const audio_sink *sink, SNDFILE *file)
{
    const char *const slash = strrchr(sink->path, '/');
    char title[256];

    snprintf(title, sizeof title, "%.200s", slash ? slash + 1 : sink->path);
    char *const ending = strrchr(title, '.');
    if (ending) {
        *ending = '\0';
    }
    sf_set_string(file, SF_STR_TITLE, title);
    sf_set_string(file, SF_STR_SOFTWARE, "estro");
    if (sink->comment[0]) {
        sf_set_string(file, SF_STR_COMMENT, sink->comment);
    }
}

static estro_status write_to(audio_sink *sink, int descriptor, estro_diag *diag)
{
    SF_INFO info = {.samplerate = sink->rate, .channels = 2, .format = sink->format->format};
    double quality = 0.6;
    es_limiter limiter;

    SNDFILE *const file = sf_open_fd(descriptor, SFM_WRITE, &info, SF_FALSE);
    if (!file) {
        return fail_path(sink, diag, "cannot write", sf_strerror(NULL));
    }
    if (!es_limiter_init(&limiter, sink->rate, level(sink), es_decibel(ceiling_decibel))) {
        sf_close(file);
        return es_fail_memory(diag);
    }
    sf_command(file, SFC_SET_VBR_ENCODING_QUALITY, &quality, sizeof quality);
    describe(sink, file);
    estro_status status = encode(sink, file, &limiter, diag);
    es_limiter_done(&limiter);
    errno = 0;
    const int closed = sf_close(file);
    if (status == ESTRO_OK && closed != 0) {
        status = fail_path(sink, diag, "cannot write",
                           errno ? strerror(errno) : "the end could not be written");
    }
    return status;
}

static estro_status commit_file(audio_sink *sink, estro_diag *diag)
{
    const char *const path = sink->temporary;

    ES_TRY(render_to(sink, sink->frame + (uint64_t)(tail_seconds * sink->rate), diag));
    const int descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        return fail_path(sink, diag, "cannot write", strerror(errno));
    }
    estro_status status = write_to(sink, descriptor, diag);
    if (status == ESTRO_OK && fsync(descriptor) != 0) {
        status = fail_path(sink, diag, "cannot write", strerror(errno));
    }
    if (close(descriptor) != 0 && status == ESTRO_OK) {
        status = fail_path(sink, diag, "cannot write", strerror(errno));
    }
    if (status == ESTRO_OK && rename(path, sink->path) != 0) {
        status = fail_path(sink, diag, "cannot write", strerror(errno));
    }
    if (status != ESTRO_OK) {
        unlink(path);
    }
    return status;
}

static void release(audio_sink *sink)
{
    es_synth_close(&sink->synth);
    es_loudness_done(&sink->loudness);
    if (sink->raw) {
        fclose(sink->raw);
    }
    es_free(sink);
}

static estro_status audio_close(void *self, bool commit, estro_diag *diag)
{
    audio_sink *const sink = self;
    const estro_status status = commit ? commit_file(sink, diag) : ESTRO_OK;

    release(sink);
    return status;
}

static const estro_sink_ops audio_ops = {
    .abi = ESTRO_SINK_ABI,
    .name = "audio",
    .is_live = false,
    .write = audio_write,
    .panic = NULL,
    .close = audio_close,
};

/* ---- opening ---- */

static const format *format_of(const char *path)
{
    const char *const ending = strrchr(path, '.');

    for (size_t i = 0; ending && i < sizeof formats / sizeof formats[0]; i++) {
        if (strcasecmp(ending, formats[i].ending) == 0) {
            return &formats[i];
        }
    }
    return NULL;
}

/* A file beside the target, so that a place that cannot be written is found now; its name is taken away at once. */
static estro_status open_raw(audio_sink *sink, estro_diag *diag)
{
    struct stat status;

    if (stat(sink->path, &status) == 0 && !S_ISREG(status.st_mode)) {
        return fail_path(sink, diag, "cannot write", "it is there and is not a file");
    }
    ES_TRY(es_file_temporary(sink->temporary, sizeof sink->temporary, sink->path, diag));
    const int descriptor = open(sink->temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return fail_path(sink, diag, "cannot write", strerror(errno));
    }
    unlink(sink->temporary);
    sink->raw = fdopen(descriptor, "w+b");
    if (!sink->raw) {
        close(descriptor);
        return es_fail_memory(diag);
    }
    return ESTRO_OK;
}

/* libsndfile checks all but Opus, which has five rates. */
static bool can_write(const format *wanted, int rate)
{
    const SF_INFO info = {.samplerate = rate, .channels = 2, .format = wanted->format};
    const bool is_opus = (wanted->format & SF_FORMAT_SUBMASK) == SF_FORMAT_OPUS;

    return sf_format_check(&info) && (!is_opus || rate == 8000 || rate == 12000 || rate == 16000 ||
                                      rate == 24000 || rate == 48000);
}

static estro_status open_audio(audio_sink *sink, const char *target,
                               const estro_sink_options *options, estro_diag *diag)
{
    if (snprintf(sink->path, sizeof sink->path, "%s", target) >= PATH_BYTES) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "file name is too long");
    }
    sink->format = format_of(target);
    if (!sink->format) {
        es_diag_init(diag, target);
        return es_fail(diag, ESTRO_ERR_ARGUMENT,
                       "a sound file is named .wav, .flac, .ogg or .opus");
    }
    sink->rate = options->sample_rate ? (int)options->sample_rate : sink->format->sample_rate;
    if (!can_write(sink->format, sink->rate)) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT,
                       "this build cannot write %s at a sample rate of %d", sink->format->ending,
                       sink->rate);
    }
    if (options->comment) {
        snprintf(sink->comment, sizeof sink->comment, "%s", options->comment);
    }
    sink->keeps_gain = options->gain > 0;
    es_loudness_init(&sink->loudness, sink->rate);
    ES_TRY(open_raw(sink, diag));
    return es_synth_open(&sink->synth, options, ES_SYNTH_OFFLINE, sink->rate,
                         sink->keeps_gain ? options->gain : render_gain, diag);
}

estro_status es_audio_open(const estro_sink_ops **ops, void **self, const char *target,
                           const estro_sink_options *options, estro_diag *diag)
{
    if (!target || strcmp(target, "-") == 0) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "a sound file needs a name");
    }
    audio_sink *const sink = es_calloc(1, sizeof *sink);
    if (!sink) {
        return es_fail_memory(diag);
    }
    const estro_status status = open_audio(sink, target, options, diag);
    if (status != ESTRO_OK) {
        release(sink);
        return status;
    }
    *ops = &audio_ops;
    *self = sink;
    return ESTRO_OK;
}
