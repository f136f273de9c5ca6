"""One conversation: what was offered last, what can be undone, and how things are confirmed."""

from collections.abc import Callable, Sequence
from datetime import tzinfo

from msgspec import Struct, field

from app.plain.ear import Ear
from app.plain.voice import Voice
from app.presentation.plain_words import plain_words
from app.presentation.quantities import counted
from app.sanitize import SafeText
from engine.clock import Instant
from engine.control import Actor, Outcome, System
from engine.errors import TocsinError, UsageError

PAGE = 20  # choices that are read out at once


class Choice(Struct, frozen=True):
    """One numbered choice."""

    text: str
    act: Callable[[], None]


class Talk(Struct):
    """Everything that a command needs."""

    system: System
    actor: Actor
    ear: Ear
    voice: Voice
    zone: tzinfo
    is_read_only: bool = False
    environment: str = ""  # prod, stage, dev or ""
    is_over: bool = False
    undo: tuple[str, Callable[[], None]] | None = None
    _choices: list[Choice] = field(default_factory=list)
    _offered: int = 0

    @property
    def now(self) -> Instant:
        """The wall clock."""
        return self.system.now()

    def say(self, text: str) -> None:
        """Say one line."""
        self.voice.say(text)

    def words(self, text: str) -> str:
        """Return a sentence of the engine in the words of this console."""
        return plain_words(text, self.zone)

    def pause(self, seconds: float) -> None:
        """Let time pass; ctrl+c and a signal to end do not wait for it."""
        self.ear.pause(seconds)

    # -- choices ---------------------------------------------------------------------------------

    def offer(self, choices: Sequence[Choice]) -> None:
        """Read out numbered choices, the first page of them; a number takes one."""
        self._choices = list(choices)
        self._offered = 0
        self.more()

    def more(self) -> None:
        """Read out the next page of choices."""
        if self._offered >= len(self._choices):
            self.say("There is no more.")
            return
        page = self._choices[self._offered : self._offered + PAGE]
        for number, choice in enumerate(page, self._offered + 1):
            self.say(f"{number}. {choice.text}")
        self._offered += len(page)
        left = len(self._choices) - self._offered
        if left:
            self.say(f"{counted(left, 'more choice')}; 'more' reads them out.")

    def take(self, number: int) -> None:
        """Do what choice `number` says.

        Raises:
            UsageError: there is no such choice.
        """
        if not 1 <= number <= len(self._choices):
            known = f"1 to {len(self._choices)}" if self._choices else "none just now"
            raise UsageError(f"There is no choice {number}; choices are {known}.")
        self._choices[number - 1].act()

    # -- changing things -------------------------------------------------------------------------

    def must_change(self, what: str) -> None:
        """Refuse where only looking is allowed.

        Raises:
            UsageError: this console is read-only.
        """
        if self.is_read_only:
            raise UsageError(f"{what}: this console is read-only.")

    def confirm(self, question: str, word: str = "yes") -> bool:
        """Ask; only the typed `word` agrees. The end of input is a No."""
        asked = question[:1].upper() + question[1:]
        self.say(f"{asked} Type {word} to go on; anything else changes nothing.")
        answer = self.ask("confirm> ")
        agreed = answer is not None and answer.strip() == word
        if not agreed:
            self.say("Nothing was changed.")
        return agreed

    def ask(self, prompt: str) -> str | None:
        """Return the next line that is typed; None at the end of input."""
        self.voice.prompt(SafeText(prompt))
        answer = self.ear.line()
        if answer is None or not self.ear.is_interactive:
            self.voice.end_line()
        return answer

    def tell(self, noun: str, outcomes: Sequence[Outcome]) -> bool:
        """Say what became of each object; True when none was refused."""
        for outcome in outcomes:
            verdict = "" if outcome.ok else "refused: "
            about = f"{noun} {outcome.name}"
            said = self.words(outcome.message).removeprefix(f"{about} ")
            self.say(f"{about}: {verdict}{said}")
        failed = sum(not outcome.ok for outcome in outcomes)
        if len(outcomes) > 1:
            self.say(f"{len(outcomes) - failed} done, {failed} refused.")
        return not failed

    def refuse(self, error: TocsinError) -> None:
        """Say why something was refused."""
        self.say(f"Refused: {self.words(error.message)}")
        for line in error.detail.splitlines()[:20]:
            self.say(f"  {line}")

    def can_undo(self, text: str, undo: Callable[[], None]) -> None:
        """Remember how the last change is taken back."""
        self.undo = (text, undo)
        self.say("'undo' takes it back.")
