#!/bin/sh
# Makes the prompts, the recognizer's words and the demo caller's speech with espeak-ng and sox: mu-law, 8 kHz, mono. The
# WAVs are committed; this is how they were made.
set -eu
cd "$(dirname "$0")"
scratch="$(mktemp -d)"
trap 'rm -r "$scratch"' EXIT
say() { # file, voice, speed, pitch, words
  espeak-ng -v "$2" -s "$3" -p "$4" -w "$scratch/said.wav" "$5"
  sox "$scratch/said.wav" -r 8000 -c 1 -e mu-law "$1.wav" norm -6 silence 1 0.02 0.5% reverse silence 1 0.02 0.5% reverse
}
prompt() { say "prompts/$1" en-us 155 45 "$2"; }
prompt welcome 'Welcome to the reception.'
prompt menu 'For billing, press one. For support, press two. For our opening hours, press three. Or just say it.'
prompt not-understood 'Sorry, that was not one of the choices.'
prompt hours 'We are open from nine to five, Monday to Friday.'
prompt account 'Please enter your account number, then press pound.'
prompt correct 'Thank you. Press one if that is correct, or two to enter it again.'
prompt concern 'Please say in a sentence what it is about.'
prompt connect 'Thank you. I will connect you now.'
prompt goodbye 'Goodbye.'
for word in billing support hours; do
  say "recognizer/words/$word-1" en-us 150 50 "$word"
  say "recognizer/words/$word-2" en-gb 170 40 "$word"
  say "recognizer/words/$word-3" en-us+f3 150 60 "$word"
  say "recognizer/words/$word-4" en-gb-x-rp+m3 160 30 "$word"
done
# Voices, speeds and pitches that the recognizer has no template of.
for word in billing support hours; do
  say "test/words/$word-5" en-gb-scotland 145 45 "$word"
  say "test/words/$word-6" en-us+f2 165 70 "$word"
  say "test/words/$word-7" en-us+m7 160 35 "$word"
  say "test/words/$word-8" en-029 155 50 "$word"
done
for word in banana elephant yesterday washington; do say "test/words/other-$word" en-us 150 50 "$word"; done
say caller/hours en-us+m7 150 45 'hours'
say caller/support en-us+f2 155 60 'support'
say caller/invoice en-us+m7 150 45 'My last invoice is wrong, I think it was charged twice.'
