/* A crowd of containers: one process in a network namespace of its own each, named under /run/netns.
 *
 * Commands on stdin, each answered by one line on stdout:
 *   new NAME          a process in a new namespace; answers its pid
 *   wire NAME A B MAC in NAME: lo and eth0 up, eth0 is A/16, its gateway B has the hardware address MAC; its process may then send
 *   end NAME          the process and the name go
 *   go | stop         every wired process sends a packet to B each second, and B's namespace one to all of them
 * With the end of stdin everybody goes. No IPv6, as in a container engine's ordinary network.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 4096
#define PORT 9
#define PATH 96

struct member { char name[64]; pid_t pid; };
static struct member members[MOST];
static int count;
static struct sockaddr_in gateway = {.sin_family = AF_INET};

static void answer(const char *text) { puts(text); fflush(stdout); }

static void fail(const char *what) { printf("error %s: %s\n", what, strerror(errno)); fflush(stdout); exit(1); }

static void up(int s, const char *link)
{
    struct ifreq r = {0};
    strncpy(r.ifr_name, link, IFNAMSIZ - 1);
    if (ioctl(s, SIOCGIFFLAGS, &r)) fail(link);
    r.ifr_flags |= IFF_UP;
    if (ioctl(s, SIOCSIFFLAGS, &r)) fail(link);
}

static void no_ipv6(void)
{
    int f = open("/proc/sys/net/ipv6/conf/default/disable_ipv6", O_WRONLY | O_CLOEXEC);
    if (f < 0) return; /* A kernel without IPv6. */
    if (write(f, "1", 1) != 1) _exit(1);
    close(f);
}

/* A container's life: wait for SIGUSR1, then send a packet a second until SIGUSR2. */
static void live(int ready, pid_t parent)
{
    sigset_t set;
    sigemptyset(&set); sigaddset(&set, SIGUSR1); sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || unshare(CLONE_NEWNET)) _exit(1);
    no_ipv6();
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    up(s, "lo");
    close(s);
    if (dup2(ready, 0) || write(0, "r", 1) != 1) _exit(1);
    close_range(0, ~0U, 0);
    static char noise[1200];
    unsigned seed = getpid();
    for (int going = 0;;) {
        struct timespec second = {1, 0};
        int got = sigtimedwait(&set, NULL, going ? &second : NULL);
        if (got == SIGUSR1 && !going) {
            struct timespec phase = {0, (rand_r(&seed) % 1000) * 1000000L};
            nanosleep(&phase, NULL);
        }
        if (got > 0) going = got == SIGUSR1;
        if (!going) continue;
        s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        sendto(s, noise, 1 + rand_r(&seed) % sizeof noise, MSG_DONTWAIT, (struct sockaddr *)&gateway, sizeof gateway);
        close(s);
    }
}

static struct member *find(const char *name)
{
    for (int i = 0; i < count; i++) if (!strcmp(members[i].name, name)) return &members[i];
    errno = ESRCH;
    fail(name);
    return NULL;
}

static void path_of(char *path, const char *name) { snprintf(path, PATH, "/run/netns/%s", name); }

static void new_member(const char *name)
{
    int ready[2]; char byte, path[PATH], text[32];
    pid_t me = getpid();
    if (count == MOST || pipe2(ready, O_CLOEXEC)) fail("new");
    pid_t pid = fork();
    if (pid < 0) fail("fork");
    if (!pid) { close(ready[0]); live(ready[1], me); }
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1) fail("unshare");
    close(ready[0]);
    path_of(path, name);
    int f = open(path, O_CREAT | O_EXCL | O_RDONLY | O_CLOEXEC, 0444);
    if (f < 0) fail(path);
    close(f);
    sprintf(text, "/proc/%d/ns/net", pid);
    if (mount(text, path, "none", MS_BIND, NULL)) fail("mount");
    strcpy(members[count].name, name);
    members[count++].pid = pid;
    sprintf(text, "%d", pid);
    answer(text);
}

static void end_member(const char *name)
{
    char path[PATH];
    struct member *m = find(name);
    path_of(path, name);
    umount2(path, MNT_DETACH);
    unlink(path);
    kill(m->pid, SIGKILL);
    waitpid(m->pid, NULL, 0);
    *m = members[--count];
    answer("ended");
}

static struct sockaddr_in ip(const char *text)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    if (inet_pton(AF_INET, text, &a.sin_addr) != 1) fail(text);
    return a;
}

static void wire(int home, const char *name, const char *address, const char *via, const char *mac)
{
    char path[PATH];
    struct ifreq r = {.ifr_name = "eth0"};
    struct arpreq a = {.arp_flags = ATF_PERM | ATF_COM, .arp_dev = "eth0"};
    struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY};
    unsigned char *m = (unsigned char *)a.arp_ha.sa_data;
    find(name);
    path_of(path, name);
    int f = open(path, O_RDONLY | O_CLOEXEC);
    if (f < 0 || setns(f, CLONE_NEWNET)) fail(path);
    close(f);
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    *(struct sockaddr_in *)&r.ifr_addr = ip(address);
    if (ioctl(s, SIOCSIFADDR, &r)) fail("address");
    *(struct sockaddr_in *)&r.ifr_netmask = ip("255.255.0.0");
    if (ioctl(s, SIOCSIFNETMASK, &r)) fail("netmask");
    up(s, "eth0");
    *(struct sockaddr_in *)&route.rt_dst = ip("0.0.0.0");
    *(struct sockaddr_in *)&route.rt_genmask = ip("0.0.0.0");
    *(struct sockaddr_in *)&route.rt_gateway = ip(via);
    if (ioctl(s, SIOCADDRT, &route)) fail("route");
    *(struct sockaddr_in *)&a.arp_pa = ip(via);
    a.arp_ha.sa_family = ARPHRD_ETHER;
    if (sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", m, m + 1, m + 2, m + 3, m + 4, m + 5) != 6) fail(mac);
    if (ioctl(s, SIOCSARP, &a)) fail("neighbour");
    close(s);
    if (setns(home, CLONE_NEWNET)) fail("home");
    answer("wired");
}

/* Home's own traffic: something to be sent to, and a packet a second to everybody. */
static void everybody(int *sink, int *going, const char *command)
{
    *going = !strcmp(command, "go");
    if (*sink < 0) {
        int on = 1, least = 1;
        struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(PORT)};
        *sink = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        setsockopt(*sink, SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
        setsockopt(*sink, SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
        if (bind(*sink, (struct sockaddr *)&here, sizeof here)) fail("bind");
    }
    for (int i = 0; i < count; i++) kill(members[i].pid, *going ? SIGUSR1 : SIGUSR2);
    answer(command);
}

int main(int argc, char **argv)
{
    /* Members know whom they will send to from the start: GATEWAY BROADCAST. */
    if (argc != 3) return 2;
    struct sockaddr_in all = ip(argv[2]);
    gateway = ip(argv[1]);
    gateway.sin_port = all.sin_port = htons(PORT);
    int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), sink = -1, going = 0;
    unsigned seed = 1;
    static char line[256], noise[1200];
    int have = 0;
    for (;;) {
        struct pollfd in = {.fd = 0, .events = POLLIN};
        if (poll(&in, 1, going ? 1000 : -1) == 0) {
            sendto(sink, noise, 1 + rand_r(&seed) % sizeof noise, MSG_DONTWAIT, (struct sockaddr *)&all, sizeof all);
            continue;
        }
        int got = read(0, line + have, sizeof line - 1 - have);
        if (got <= 0) break;
        have += got;
        line[have] = 0;
        for (char *end; (end = strchr(line, '\n'));) {
            char a[4][64] = {{0}}, word[16] = {0};
            *end = 0;
            sscanf(line, "%15s %63s %63s %63s %63s", word, a[0], a[1], a[2], a[3]);
            if (!strcmp(word, "new")) new_member(a[0]);
            else if (!strcmp(word, "wire")) wire(home, a[0], a[1], a[2], a[3]);
            else if (!strcmp(word, "end")) end_member(a[0]);
            else everybody(&sink, &going, word);
            have -= end + 1 - line;
            memmove(line, end + 1, have + 1);
        }
    }
    for (int i = 0; i < count; i++) kill(members[i].pid, SIGKILL);
    return 0;
}
