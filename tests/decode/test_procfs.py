"""Text of /proc, as the kernel writes it."""

from netview.decode.procfs import NsfsMount, Stat, hides_processes, nsfs_mounts, stat

_MOUNTINFO = b"""\
22 42 0:4 net:[4026532924] /run/netns/nginx-1 rw shared:12 - nsfs nsfs rw
23 42 0:4 net:[4026532993] /run/netns/two\\040words rw - nsfs nsfs rw
24 42 0:5 / /run rw - tmpfs tmpfs rw
25 24 0:4 net:[4026533062] /run/netns/nginx-1 rw - nsfs nsfs rw
26 24 0:4 mnt:[4026533063] /run/docker/mnt rw - nsfs nsfs rw
"""


def test_of_two_mounts_on_one_path_the_one_on_top_counts() -> None:
    assert list(nsfs_mounts(_MOUNTINFO)) == [
        NsfsMount(4026532993, "/run/netns/two words"),
        NsfsMount(4026533062, "/run/netns/nginx-1"),
    ]


def test_a_path_may_have_any_bytes() -> None:
    line = b"22 42 0:4 net:[7] /run/a\rb\\011c\\134d\x1b\xff rw - nsfs nsfs rw\n"
    assert list(nsfs_mounts(line)) == [NsfsMount(7, "/run/a\rb\tc\\d\x1b\udcff")]


def test_a_proc_that_leaves_out_processes_is_told_by_the_mount_on_top() -> None:
    line = b"%d 1 0:5 / /proc rw,relatime shared:1 - proc proc rw,%s\n"
    hiding = b"".join(line % (number, options) for number, options in enumerate((b"gid=7", b"gid=7,hidepid=invisible")))
    assert hides_processes(hiding)
    assert not hides_processes(hiding + line % (9, b"hidepid=noaccess"))
    assert not hides_processes(_MOUNTINFO)


def test_a_process_may_have_any_name_and_a_kernel_thread_says_so() -> None:
    rest = b" S 1 7 7 0 -1 %d 0 0 0 0 1 2 0 0 20 0 1 0 4711 0 0"
    assert stat(b"7 (a) b (c\xff\n)" + rest % 0x400100) == Stat("a) b (c\udcff\n", 4711, kernel_thread=False)
    assert stat(b"2 (kthreadd)" + rest % 0x208040) == Stat("kthreadd", 4711, kernel_thread=True)
