"""systemd's command lines do in the shell what they do under systemd."""

import subprocess

import pytest

from engine.definitions.importers.command_line import CommandError, shell_code, split_words


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ("/bin/echo one 'two three' \"four\\x41\"", "one two three fourA\n"),
        (
            "/bin/echo $LIST ${LIST} pre${WORD}post $$WORD '${WORD}' a$WORD",
            "x y x y prewpost $WORD w a$WORD\n",
        ),
        (":/bin/echo ${WORD} $WORD", "${WORD} $WORD\n"),
        ("/bin/echo `id` $(id) ; /bin/echo second", "`id` $(id)\nsecond\n"),
        ("/bin/echo one \\; ';' two\\; three; ; /bin/echo \\;", "one ; ; two\\; three;\n;\n"),
        ("-/bin/false ; @/bin/echo other real ; :/bin/echo ${WORD}", "real\n${WORD}\n"),
        ("/bin/echo 100%% %n", "100% a.service\n"),
        ("@/bin/echo other-name real", "real\n"),
        ('/bin/echo "quote\\" dollar$$ tick` back\\\\slash"', 'quote" dollar$ tick` back\\slash\n'),
    ],
)
def test_a_command_line_prints_in_the_shell_what_it_prints_under_systemd(
    line: str, printed: str
) -> None:
    code, _ = shell_code(line, {"n": "a.service"})
    done = subprocess.run(
        ["/bin/sh", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"LIST": "x y", "WORD": "w", "PATH": "/bin"},
    )
    assert done.stdout == printed


def test_a_command_that_may_fail_does_not_fail_the_job() -> None:
    code, _ = shell_code("-/bin/false", {})
    assert subprocess.run(["/bin/sh", "-c", code], check=False).returncode == 0


def test_other_privileges_are_said() -> None:
    code, said = shell_code("+/bin/true", {})
    assert (code, len(said)) == ("/bin/true", 1)


@pytest.mark.parametrize("line", ["", "-", "/bin/echo 'open", "/bin/echo %Q"])
def test_a_command_line_that_cannot_be_carried_over_is_refused(line: str) -> None:
    with pytest.raises(CommandError):
        shell_code(line, {})


def test_words_are_split_as_systemd_splits_them() -> None:
    assert split_words("a  'b c'd \"e\\tf\" \\s '' \\101") == ["a", "b cd", "e\tf", " ", "", "A"]
