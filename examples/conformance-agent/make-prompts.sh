#!/bin/sh
# Makes the prompts with espeak-ng and sox: mu-law, 8 kHz, mono. The WAVs are committed; this is how they were made.
set -eu
cd "$(dirname "$0")/prompts"
work="$(mktemp -d)"
trap 'rm -r "$work"' EXIT
say() { # file, words
  espeak-ng -v en-us -s 150 -w "$work/$1.wav" "$2"
  sox "$work/$1.wav" -r 8000 -c 1 -e mu-law "$1.wav" norm -6 silence 1 0.02 0.5% reverse silence 1 0.02 0.5% reverse
}
say hello 'Hello.'
say you-pressed 'You pressed'
say again 'Please try again.'
n=0
for word in zero one two three four five six seven eight nine; do say "$n" "$word"; n=$((n + 1)); done
say star star
say pound pound
