/* The handler cleans up and lets the signal do what it came for. A signal that was ignored when
 * casepipe started (nohup) stays ignored. */
#include "pipeline/cli/signals.h"

#include "pipeline/io/publish.h"

#include <signal.h>
#include <string.h>

static void end_by_signal(int number)
{
    cp_temporary_discard_all();
    raise(number); /* SA_RESETHAND: the default action is back */
}

void cp_signals_install(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGXCPU, SIGPIPE};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction action, old;
        if (sigaction(numbers[i], NULL, &old) || old.sa_handler == SIG_IGN)
            continue;
        memset(&action, 0, sizeof action);
        action.sa_handler = end_by_signal;
        action.sa_flags = (int)SA_RESETHAND;
        sigaction(numbers[i], &action, NULL);
    }
    /* A file size limit is a full disk: the write fails and says so. */
    signal(SIGXFSZ, SIG_IGN);
}
