/*
 * The ALSA library prints on standard error where a device is missing. PortMidi and FluidSynth load it; it is asked for only if it is
 * there already, so nothing here depends on it.
 */
#define _GNU_SOURCE
#include "sink/alsa.h"

#include <dlfcn.h>
#include <string.h>

typedef void (*error_handler)(const char *file, int line, const char *function, int error,
                              const char *format, ...);

static void say_nothing(const char *file, int line, const char *function, int error,
                        const char *format, ...)
{
    (void)file;
    (void)line;
    (void)function;
    (void)error;
    (void)format;
}

void es_alsa_quiet(void)
{
    void *const library = dlopen("libasound.so.2", RTLD_LAZY | RTLD_NOLOAD);
    int (*set_handler)(error_handler handler) = NULL;

    if (!library) {
        return;
    }
    void *const symbol = dlsym(library, "snd_lib_error_set_handler");
    if (symbol) {
        memcpy(&set_handler, &symbol, sizeof set_handler);
        set_handler(say_nothing);
    }
    /* The handler stays set, so the library must stay too: it is not closed. */
}
