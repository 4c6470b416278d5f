/* So many processes, each in a network namespace of its own, with ten files and three sockets open; they end with stdin. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static void hold(void)
{
    static const int domains[] = {AF_INET, AF_UNIX, AF_NETLINK};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (unshare(CLONE_NEWNET)) _exit(1);
    close(0);
    while (open("/dev/null", O_RDONLY) < 9) continue;
    for (int i = 0; i < 3; i++)
        if (socket(domains[i], SOCK_DGRAM, 0) < 0) _exit(1);
    pause();
}

int main(int argc, char **argv)
{
    char byte;
    for (int left = argc > 1 ? atoi(argv[1]) : 0; left > 0; left--) {
        pid_t pid = fork();
        if (pid < 0) return 1;
        if (!pid) hold();
    }
    puts("ready");
    fflush(stdout);
    while (read(0, &byte, 1) > 0) continue;
    return 0; /* The others are told by PR_SET_PDEATHSIG. */
}
