/*
 * MIDI devices through PortMidi: one that is played to, one that is listened to. The player's own timer keeps the time: a message is written when it is due, and goes out at once, or
 * by a constant latency later.
 *
 * Messages get no timestamps of their own: PortMidi turns these into whole milliseconds from "now", so two messages of one instant
 * could change places where a millisecond ends between them, and a note-off that overtakes its note-on leaves a note sounding.
 */
#include "base/clock.h"
#include "base/diag.h"
#include "base/mem.h"
#include "base/text.h"
#include "sink/quiet.h"
#include "sink/sink.h"

#include <portmidi.h>

#include <ctype.h>
#include <stdatomic.h>
#include <string.h>

enum {
    BUFFER_MESSAGES = 1024,
    MOST_LATENCY_MS = 10000,
    CONTROL_SUSTAIN = 64,
    CONTROL_SOUND_OFF = 120,
    CONTROL_NOTES_OFF = 123
};

#define NS_PER_MS UINT64_C(1000000)

typedef struct device_sink {
    PortMidiStream *stream;
    uint32_t latency_ms;
    uint64_t opened_ns;
} device_sink;

/* PortMidi is started once for all, and ended with the last who uses it. */
static atomic_int users;

static estro_status start(estro_diag *diag)
{
    if (atomic_fetch_add(&users, 1) > 0) {
        return ESTRO_OK;
    }
    es_quiet_alsa();
    const PmError error = Pm_Initialize();
    if (error < 0) {
        atomic_fetch_sub(&users, 1);
        return es_fail(diag, ESTRO_ERR_DEVICE, "PortMidi does not start: %s",
                       Pm_GetErrorText(error));
    }
    return ESTRO_OK;
}

static void stop(void)
{
    if (atomic_fetch_sub(&users, 1) == 1) {
        Pm_Terminate();
    }
}

/* ---- finding a device ---- */

static const char *output_name(int id)
{
    const PmDeviceInfo *const info = Pm_GetDeviceInfo(id);

    return info && info->output ? info->name : NULL;
}

static const char *input_name(int id)
{
    const PmDeviceInfo *const info = Pm_GetDeviceInfo(id);

    return info && info->input ? info->name : NULL;
}

static bool begins_with(const char *text, const char *start)
{
    for (; *start; text++, start++) {
        if (tolower((unsigned char)*text) != tolower((unsigned char)*start)) {
            return false;
        }
    }
    return true;
}

static bool contains(const char *text, const char *part)
{
    for (; *text; text++) {
        if (begins_with(text, part)) {
            return true;
        }
    }
    return !*part;
}

/* PortMidi's own choice, unless that leads nowhere: ALSA's "Midi Through" comes first and makes no sound. -1 when there is none. */
static int default_output(void)
{
    const int count = Pm_CountDevices();
    int id = Pm_GetDefaultOutputDeviceID();

    if (id != pmNoDevice && output_name(id) && !contains(output_name(id), "midi through")) {
        return id;
    }
    for (int i = 0; i < count; i++) {
        if (output_name(i) && !contains(output_name(i), "midi through")) {
            return i;
        }
    }
    return id != pmNoDevice && output_name(id) ? id : -1;
}

/* @param name_of  Names of outputs, or of inputs. */
static int find_device(const char *(*name_of)(int id), const char *part)
{
    const int count = Pm_CountDevices();
    int found = -1;

    for (int i = count - 1; i >= 0; i--) {
        const char *const name = name_of(i);
        if (name && strlen(name) == strlen(part) && begins_with(name, part)) {
            return i;
        }
        if (name && contains(name, part)) {
            found = i;
        }
    }
    return found;
}

static estro_status fail_missing(const char *(*name_of)(int id), const char *wanted,
                                 estro_diag *diag)
{
    const int count = Pm_CountDevices();
    char list[192] = "";

    for (int i = 0; i < count; i++) {
        if (name_of(i)) {
            es_append(list, sizeof list, "%s%s", *list ? ", " : "", name_of(i));
        }
    }
    if (!*list) {
        return es_fail(diag, ESTRO_ERR_DEVICE,
                       "no MIDI device%s%.40s%s: none is there to %s; `estro devices` lists them",
                       wanted ? " \"" : "", wanted ? wanted : "", wanted ? "\"" : "",
                       name_of == input_name ? "listen to" : "play to");
    }
    return es_fail(diag, ESTRO_ERR_DEVICE, "no MIDI device \"%.40s\": there are %s", wanted, list);
}

static estro_status each_device(bool (*each)(void *self, const char *name, bool is_default),
                                void *self, estro_diag *diag)
{
    ES_TRY(start(diag));
    const int count = Pm_CountDevices();
    const int chosen = default_output();
    for (int i = 0; i < count; i++) {
        if (output_name(i) && !each(self, output_name(i), i == chosen)) {
            break;
        }
    }
    stop();
    return ESTRO_OK;
}

/* ---- the sink ---- */

static PmTimestamp time_since_open(void *self)
{
    const device_sink *const sink = self;

    return (PmTimestamp)((es_clock_monotonic.now(NULL) - sink->opened_ns) / NS_PER_MS);
}

static estro_status device_write(void *self, const estro_message *message, estro_diag *diag)
{
    device_sink *const sink = self;

    if (message->kind != ESTRO_MIDI) {
        return ESTRO_OK;
    }
    const PmError error = Pm_WriteShort(
        sink->stream, 0, Pm_Message(message->data[0], message->data[1], message->data[2]));
    if (error < 0) {
        return es_fail(diag, ESTRO_ERR_DEVICE, "the MIDI device is lost: %s",
                       Pm_GetErrorText(error));
    }
    return ESTRO_OK;
}

static void device_panic(void *self)
{
    static const uint8_t controls[] = {CONTROL_SUSTAIN, CONTROL_NOTES_OFF, CONTROL_SOUND_OFF};
    device_sink *const sink = self;

    for (int channel = 0; channel < 16; channel++) {
        for (size_t i = 0; i < sizeof controls; i++) {
            Pm_WriteShort(sink->stream, 0, Pm_Message(0xB0 | channel, controls[i], 0));
        }
    }
}

static estro_status device_close(void *self, bool commit, estro_diag *diag)
{
    device_sink *const sink = self;

    (void)commit;
    (void)diag;
    if (sink->latency_ms) {
        /* What is still in the queue would be lost with it, note-offs too. */
        es_clock_monotonic.idle(NULL, (sink->latency_ms + 20) * NS_PER_MS);
    }
    Pm_Close(sink->stream);
    stop();
    es_free(sink);
    return ESTRO_OK;
}

static const estro_sink_ops device_ops = {
    .abi = ESTRO_SINK_ABI,
    .name = "portmidi",
    .is_live = true,
    .write = device_write,
    .panic = device_panic,
    .close = device_close,
};

static estro_status open_stream(device_sink *sink, const char *target,
                                const estro_sink_options *options, estro_diag *diag)
{
    const int id = target ? find_device(output_name, target) : default_output();

    if (id < 0) {
        return fail_missing(output_name, target ? target : "", diag);
    }
    sink->latency_ms = options->latency_ms;
    sink->opened_ns = es_clock_monotonic.now(NULL);
    const PmError error = Pm_OpenOutput(&sink->stream, id, NULL, BUFFER_MESSAGES, time_since_open,
                                        sink, (int32_t)sink->latency_ms);
    if (error < 0) {
        return es_fail(diag, ESTRO_ERR_DEVICE, "cannot open the MIDI device \"%.80s\": %s",
                       output_name(id), Pm_GetErrorText(error));
    }
    return ESTRO_OK;
}

static estro_status device_open(const estro_sink_ops **ops, void **self, const char *target,
                                const estro_sink_options *options, estro_diag *diag)
{
    if (options->latency_ms > MOST_LATENCY_MS) {
        return es_fail(diag, ESTRO_ERR_ARGUMENT, "latency must be at most %d ms", MOST_LATENCY_MS);
    }
    ES_TRY(start(diag));
    device_sink *const sink = es_calloc(1, sizeof *sink);
    const estro_status status =
        sink ? open_stream(sink, target, options, diag) : es_fail_memory(diag);
    if (status != ESTRO_OK) {
        es_free(sink);
        stop();
        return status;
    }
    *ops = &device_ops;
    *self = sink;
    return ESTRO_OK;
}

/* ---- listening ---- */

typedef struct device_input {
    PortMidiStream *stream;
} device_input;

static estro_status input_stream(device_input *input, const char *name, estro_diag *diag)
{
    const int id = find_device(input_name, name);

    if (id < 0) {
        return fail_missing(input_name, name, diag);
    }
    PmError error = Pm_OpenInput(&input->stream, id, NULL, BUFFER_MESSAGES, NULL, NULL);
    if (error >= 0) {
        error = Pm_SetFilter(input->stream, ~PM_FILT_CONTROL);
    }
    if (error < 0) {
        return es_fail(diag, ESTRO_ERR_DEVICE, "cannot listen to the MIDI device \"%.80s\": %s",
                       input_name(id), Pm_GetErrorText(error));
    }
    return ESTRO_OK;
}

static estro_status input_open(void **self, const char *name, estro_diag *diag)
{
    ES_TRY(start(diag));
    device_input *const input = es_calloc(1, sizeof *input);
    const estro_status status = input ? input_stream(input, name, diag) : es_fail_memory(diag);
    if (status != ESTRO_OK) {
        if (input && input->stream) {
            Pm_Close(input->stream);
        }
        es_free(input);
        stop();
        return status;
    }
    *self = input;
    return ESTRO_OK;
}

static bool input_read(void *self, int *controller, int *value)
{
    device_input *const input = self;
    PmEvent event;

    while (Pm_Read(input->stream, &event, 1) == 1) {
        if ((Pm_MessageStatus(event.message) & 0xF0) == 0xB0) {
            *controller = (int)Pm_MessageData1(event.message);
            *value = (int)Pm_MessageData2(event.message);
            return true;
        }
    }
    return false;
}

static void input_close(void *self)
{
    device_input *const input = self;

    Pm_Close(input->stream);
    stop();
    es_free(input);
}

const es_portmidi_module es_module_portmidi = {device_open, each_device, input_open, input_read,
                                               input_close};
