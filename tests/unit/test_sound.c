/* Sound files: as long and as loud as they should be, not clipped, whole or not there. */
#include "base/file.h"
#include "base/mem.h"
#include "fake_bars.h"
#include "sink/font.h"
#include "sink/loudness.h"
#include "sink/sink.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

enum { N_BARS = 2, RATE = 44100, HEADER_BYTES = 44 };

static char folder[64];
static char why_not[512]; /* why sound cannot be made here */

/* The modules lie in the folder above that of the tests. */
static int find_modules(void **state)
{
    char path[1024];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    estro_sink *sink = NULL;
    estro_diag diag = {0};
    estro_status status;

    (void)state;
    if (length <= 0) {
        return -1;
    }
    path[length] = '\0';
    *strrchr(path, '/') = '\0';
    *strrchr(path, '/') = '\0';
    setenv("ESTRO_MODULES", path, 0);
    status = estro_sink_open(&sink, "audio", "/tmp/estro-test-sound.wav", NULL, &diag);
    if (status == ESTRO_ERR_UNSUPPORTED ||
        (status == ESTRO_ERR_IO && es_font_find(path, sizeof path, NULL, NULL) != ESTRO_OK)) {
        snprintf(why_not, sizeof why_not, "%s", diag.text);
        printf("skip: %s\n", why_not);
    }
    estro_sink_close(sink, false, NULL);
    return 0;
}

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/estro-test-sound-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int count_files(bool remove_them)
{
    DIR *const d = opendir(folder);
    const struct dirent *entry;
    char path[512];
    int count = 0;

    assert_non_null(d);
    while ((entry = readdir(d)) != NULL) {
        if (entry->d_name[0] != '.') {
            count++;
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            if (remove_them) {
                unlink(path);
            }
        }
    }
    closedir(d);
    return count;
}

static int teardown(void **state)
{
    (void)state;
    if (folder[0]) {
        count_files(true);
        rmdir(folder);
        folder[0] = '\0';
    }
    return 0;
}

static void need_sound(void)
{
    if (why_not[0]) {
        skip();
    }
}

static char *path_of(const char *name)
{
    static char path[128];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static estro_status render(const char *path, const estro_sink_options *options, bool commit,
                           estro_diag *diag)
{
    fake_bars fake;
    estro_sink *sink = NULL;
    estro_status status = estro_sink_open(&sink, "audio", path, options, diag);

    if (status != ESTRO_OK) {
        return status;
    }
    fake_bars_init(&fake, N_BARS);
    fake.style.performance.ritard = 1;
    estro_source *const source = fake_source(&fake);
    status = es_render(source, sink, diag);
    es_source_free(source);
    const estro_status closed = estro_sink_close(sink, commit && status == ESTRO_OK, diag);
    return status == ESTRO_OK ? closed : status;
}

static void a_wave_file_is_as_long_and_as_loud_as_it_should_be(void **state)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    es_loudness loudness;
    int largest = 0;

    (void)state;
    need_sound();
    assert_int_equal(render(path_of("a.wav"), NULL, true, NULL), ESTRO_OK);
    assert_int_equal(es_file_read(&bytes, &size, path_of("a.wav"), NULL), ESTRO_OK);
    assert_memory_equal(bytes, "RIFF", 4);
    const uint8_t *data = bytes + 12;
    while (memcmp(data, "data", 4) != 0) {
        data += 8 + (data[4] | data[5] << 8 | data[6] << 16);
        assert_true(data + 8 < bytes + size);
    }
    const size_t n_bytes = data[4] | (size_t)data[5] << 8 | (size_t)data[6] << 16;
    /* Two bars of two seconds, and two seconds of tail. */
    assert_int_equal(n_bytes, (2 * N_BARS + 2) * RATE * 4);
    es_loudness_init(&loudness, RATE);
    for (size_t i = 0; i < n_bytes / 4; i++) {
        float frame[2];
        for (size_t c = 0; c < 2; c++) {
            const uint8_t *const at = data + 8 + 4 * i + 2 * c;
            const int sample = (int16_t)(at[0] | at[1] << 8);
            frame[c] = (float)sample / 32768;
            largest = abs(sample) > largest ? abs(sample) : largest;
        }
        assert_true(es_loudness_push(&loudness, frame, 1));
        if (i == n_bytes / 4 - 1) {
            assert_true(frame[0] * frame[0] < 1e-7F); /* faded out */
        }
    }
    assert_true(es_loudness_lufs(&loudness) > -17.5 && es_loudness_lufs(&loudness) < -14.5);
    assert_true(largest < 32000 && largest > 3000);
    es_loudness_done(&loudness);
    es_free(bytes);
}

static void the_name_decides_the_format(void **state)
{
    static const struct {
        const char *name, *magic, *codec;
    } files[] = {{"a.flac", "fLaC", "made by a test"},
                 {"a.ogg", "OggS", "vorbis"},
                 {"a.OPUS", "OggS", "OpusHead"}};

    (void)state;
    need_sound();
    for (size_t i = 0; i < 3; i++) {
        uint8_t *bytes = NULL;
        size_t size = 0;
        bool found = false;
        assert_int_equal(render(path_of(files[i].name), NULL, true, NULL), ESTRO_OK);
        assert_int_equal(es_file_read(&bytes, &size, path_of(files[i].name), NULL), ESTRO_OK);
        assert_memory_equal(bytes, files[i].magic, 4);
        for (size_t at = 0; at < 4096 && !found; at++) {
            found = memcmp(bytes + at, files[i].codec, strlen(files[i].codec)) == 0;
        }
        assert_true(found);
        es_free(bytes);
    }
    assert_int_equal(count_files(false), 3);
}

static void what_is_not_committed_leaves_nothing(void **state)
{
    (void)state;
    need_sound();
    assert_int_equal(render(path_of("a.flac"), NULL, false, NULL), ESTRO_OK);
    assert_int_equal(count_files(false), 0);
}

static void what_cannot_be_done_is_said(void **state)
{
    estro_sink_options options = estro_sink_options_default();
    estro_diag diag = {0};

    (void)state;
    need_sound();
    assert_int_equal(render("/nowhere/at/all.wav", NULL, true, &diag), ESTRO_ERR_IO);
    assert_string_equal(diag.source, "/nowhere/at/all.wav");
    assert_int_equal(render(path_of("a.mp3"), NULL, true, &diag), ESTRO_ERR_ARGUMENT);
    assert_int_equal(render(folder, NULL, true, &diag), ESTRO_ERR_ARGUMENT);
    assert_int_equal(render("-", NULL, true, &diag), ESTRO_ERR_ARGUMENT);
    options.sample_rate = 1;
    assert_int_equal(render(path_of("a.wav"), &options, true, &diag), ESTRO_ERR_ARGUMENT);
    options.sample_rate = 44100;
    assert_int_equal(render(path_of("a.opus"), &options, true, &diag), ESTRO_ERR_ARGUMENT);
    options.sample_rate = 0;
    options.sound_font = "/nowhere.sf2";
    assert_int_equal(render(path_of("a.wav"), &options, true, &diag), ESTRO_ERR_IO);
    assert_string_equal(diag.source, "/nowhere.sf2");
    options.sound_font = "/proc/self/exe";
    assert_int_equal(render(path_of("a.wav"), &options, true, &diag), ESTRO_ERR_IO);
    assert_string_equal(diag.source, "/proc/self/exe");
    assert_int_equal(count_files(false), 0);
}

/* As on a full disk: no file may grow past some size. */
static void a_full_disk_leaves_nothing_half_written(void **state)
{
    const struct rlimit small = {.rlim_cur = 100000, .rlim_max = RLIM_INFINITY};
    struct rlimit before;
    estro_diag diag = {0};

    (void)state;
    need_sound();
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const estro_status status = render(path_of("a.wav"), NULL, true, &diag);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(status, ESTRO_ERR_IO);
    assert_string_equal(diag.source, path_of("a.wav"));
    assert_int_equal(count_files(false), 0);
}

static void a_machine_without_sound_says_so(void **state)
{
    estro_sink *sink = NULL;
    estro_diag diag = {0};

    (void)state;
    need_sound();
    assert_int_equal(estro_sink_open(&sink, "synth", "gramophone", NULL, &diag), ESTRO_ERR_DEVICE);
    assert_non_null(strstr(diag.text, "there are"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_wave_file_is_as_long_and_as_loud_as_it_should_be, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_name_decides_the_format, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_not_committed_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_done_is_said, setup, teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_leaves_nothing_half_written, setup, teardown),
        cmocka_unit_test_setup_teardown(a_machine_without_sound_says_so, setup, teardown),
    };
    return cmocka_run_group_tests(tests, find_modules, NULL);
}
