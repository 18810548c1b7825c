// What `byova-sim --help` prints.

/** The help text. */
export const USAGE = `byova-sim: call a voice agent as Webex Contact Center does, or be the Webex REST platform that it uses.

Usage:
  byova-sim call [file.call.yaml] --target <url> --org <id> [options] [steps]
  byova-sim platform [--port <n>] [options]
  byova-sim up [--target <url>] [--org <uuid>] [options]
  byova-sim conformance --target <host:port> [options]

Whom to call:
  --target <url>         http://host:port, or https://host:port for TLS
  --org <id>             customer organization
  --agent <id>           virtual agent; without it, the default agent
  --conversation <id>    conversation id; without it, a random one
  --param <name=value>   parameter of SESSION_START, a string; may be repeated
  --vendor-config <text> the agent's configuration text
  --token <jws>          sent as "authorization: Bearer"; or in BYOVA_SIM_TOKEN
  --ca, --cert, --key <file>  PEM files for TLS
  --partial              allow PARTIAL responses

A file.call.yaml is a scenario: "steps", and if wanted "agent", "parameters" and "vendorConfig". Tests run the same files
in process, with @byova/media/testing.

Steps, done in the order in which they stand, those of the scenario included:
  --say <file.wav>       speak
  --press <keys>         press keys, for example 1234#
  --wait <ms>            do nothing
  --listen               until the agent has answered and has been heard to the end
  --event <name>         a custom event of the flow
  --expect <what>        transfer, end, prompt or custom_event must come;
                         transfer=billing: and have that name
  --hang-up              hang up
  --reset                break the line without a word
  --script <file.json>   a list of steps, for example [{"press": "1"}, {"expect": "transfer"}]
After the last step the caller hears what the agent still has to say and hangs up.

How:
  --fast                 do not wait in real time for anything but the agent
  --voice <encoding>     the caller's audio: mulaw (default), alaw or linear16
  --rate <hz>            8000 (default) or 16000
  --max-ms <ms>          the longest call (default 300000)
  --failure-events <names>  events of the agent that mean that it failed, separated by commas; the call fails unless an
                         --expect has the name (default agent_error,unhandled_input; "" for none)
  --record <file.wav>    write both sides: caller left, agent right
  --json                 print the report as JSON, and nothing else
  --strict               advice fails the call as well: what no document of Webex states
  --help                 print this

The platform prints the environment for a program that uses it, then a line for each request, until it is interrupted:
  --port <n>             where to listen (default: any free port)
  --host <name>          the interface (default 127.0.0.1)
  --consent <what>       approve, deny, or page (default): show a page with two buttons
  --redirect-uri <uri>   registered for the Integration; may be repeated
  --rotating             each refresh gives a new refresh token, and the old one is dead
  --refresh-tokens <how> constant (default), rotating or omitted
  --access-token-seconds, --refresh-token-seconds <n>  how long tokens live
  --signature <name>     of webhook deliveries: sha1 (default), sha256, sha512, sha256-bare, sha512-bare or
                         combined; may be repeated
  --oauth-errors <shape> webex (default) or rfc6749
  --target-org-id <form> of organizations for which tokens are minted: any (default), hydra or uuid

The two together, with a prompt: authorize, call, rotate keys, expire tokens; "help" there tells all. Options of the
platform, and:
  --target <url>         where calls go (default http://127.0.0.1:50051)
  --org <uuid>           the customer whom commands mean that name none
  --region <name>        who signs its tokens: us (default), eu, b-us or ca
  --data-source <url>    registered for it from the start, as if your program had done so
  --fast                 calls do not wait in real time
With a pipe instead of a terminal it does what the lines say, and ends.

The conformance cases are run against a server in any language, one after another, in about half a minute:
  --org, --agent, --token, --ca, --cert, --key  as for a call; without --org, the organization of the token
  --target               also host:port, which means http://
  --mode <mode>          how the server sends audio, wav or chunk (default: found out)
  --profile <name>       demo (default): the agent has the dialogue of the demo agent; generic: it may be any
  --strict               advice fails a case as well: what no document of Cisco or Webex states
  --case <ids>           for example C1,C3; may be repeated (default: all cases)
  --bad-token <jws>      with --token: one that must be refused; may be repeated
  --end-silence-ms <ms>  silence after which the server takes an utterance as complete (default 1000)
  --reply-ms <ms>        how long the agent may take for a reply (default 10000)
  --max-ms <ms>          the longest run (default 600000); the case that is running then fails
  --calls <n>            of the load case, at once (default 200)
  --speech <file.wav>    what the caller says (default: a tone, which a detector of voices may not hear)
  --format <form>        of the report: text (default), json or junit
  --output <file>        where to write it; the cases are printed all the same

Exit status: 0 when the call went as the steps say and the agent kept the contract; 1 when it did not, or the server
refused the call; 2 when the command line, a script or a file cannot be used, or the agent cannot be reached. The platform ends with 0 when it is interrupted, and with 1 when it
cannot listen. The conformance cases end with 0 when all that were run passed, 1 when one failed or none was run, and 2
when the command line cannot be used or the server cannot be reached.

Examples:
  byova-sim call --target http://127.0.0.1:50051 --org my-org --listen --press 1 --expect transfer
  byova-sim call --target http://127.0.0.1:50051 --org my-org --fast --say hello.wav --listen --record call.wav
  byova-sim platform --port 8080 --consent approve --redirect-uri http://127.0.0.1/callback
  byova-sim up --data-source https://va.example.com:443
  byova-sim conformance --target 127.0.0.1:50051 --format junit --output conformance.xml
`;
