from netview.decode.status import Status, status


def test_a_process_below_has_a_pid_in_each_namespace() -> None:
    assert status(b"Name:\tsh\nPid:\t812\nPPid:\t811\nNStgid:\t812\t7\t1\nNSpid:\t812\t7\t1\n") == Status(811, (812, 7, 1))


def test_a_name_cannot_pretend_to_be_a_line() -> None:
    assert status(b"Name:\tx\\nPPid:\\t1\nPPid:\t0\n") == Status(0, ())
