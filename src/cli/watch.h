/**
 * @file watch.h
 * What goes along with a training: the progress that is shown, checkpoints, the log.
 */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

#include "cli.h"

/** Settings, filled in by the caller, borrowed; the rest begins as zero. */
typedef struct cli_watch {
    const char *output;        /**< The model. */
    const char *log;           /**< JSON lines, or NULL. */
    double checkpoint_seconds; /**< Between checkpoints; 0 = none. */
    bool resumes;

    char checkpoint[4096]; /**< Its name; "" = none is kept. */
    FILE *log_file;
    double next_line, next_checkpoint; /**< In seconds of training, of the clock. */
    double logged_seconds;
    uint64_t logged_tokens;
    uint32_t logged_validations, logged_epoch;
    bool is_terminal, has_checkpoint, is_failing;
} cli_watch;

/** Name the checkpoint, go on from it if that is wanted, open the log. @return CLI_OK or an exit status, with a message. */
int cli_watch_begin(cli_watch *watch, estro_training *training);

/** After each step: what is due. @return CLI_OK, or CLI_FAILED when not even the first checkpoint can be written. */
int cli_watch_step(cli_watch *watch, estro_training *training,
                   const estro_train_progress *progress);

/** When training was stopped: the last checkpoint. */
void cli_watch_stop(cli_watch *watch, estro_training *training);

/** The model is saved: the checkpoint is not needed any more. */
void cli_watch_saved(cli_watch *watch);
void cli_watch_done(cli_watch *watch);

#endif
