package dev.forebay.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Prints what a shell needs to complete the words of this program. The scripts ask the program
 * itself, through {@link CompleteWordsCommand}; where it has no candidate, they complete files.
 */
@Command(
        name = "completion",
        description =
                "Print a script that completes this program's words, and IDs of buffers, in a shell.",
        footerHeading = "%nExample:%n",
        footer = {
            "  source <(forebay completion bash)",
            "In zsh, behind compinit: source <(forebay completion zsh)",
            "In fish: forebay completion fish | source"
        },
        mixinStandardHelpOptions = true)
final class CompletionCommand implements Callable<Integer> {
    /** bash parts words at {@code =} and {@code :}, and takes what is behind the last of them. */
    private static final String BASH =
            """
            _forebay() {
                local line i word last=-1 cut=''
                local -a words=()
                for ((i = 1; i <= COMP_CWORD; i++)); do
                    word=${COMP_WORDS[i]}
                    if ((last >= 0)) && [[ $word == [=:]* || ${COMP_WORDS[i - 1]} == *[=:] ]]; then
                        cut=${words[last]}
                        [[ $word != [=:]* ]] || cut+=$word
                        words[last]+=$word
                    else
                        cut=''
                        last=$((last + 1))
                        words[last]=$word
                    fi
                done
                COMPREPLY=()
                while IFS= read -r line; do
                    COMPREPLY+=("${line#"$cut"}")
                done < <("${COMP_WORDS[0]}" complete-words -- "${words[@]}" 2>/dev/null)
            }
            complete -o default -F _forebay forebay
            """;

    private static final String ZSH =
            """
            #compdef forebay
            _forebay() {
                local -a candidates
                candidates=("${(@f)$("$words[1]" complete-words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
                candidates=("${(@)candidates:#}")
                if (( $#candidates )); then
                    compadd -- "${candidates[@]}"
                else
                    _files
                fi
            }
            compdef _forebay forebay
            """;

    private static final String FISH =
            """
            function __forebay_complete
                set -l words (commandline -opc)
                $words[1] complete-words -- $words[2..-1] (commandline -ct) 2>/dev/null
            end
            complete -c forebay -a '(__forebay_complete)'
            """;

    /** The shells that complete. */
    enum Kind {
        BASH,
        ZSH,
        FISH;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Spec private CommandSpec spec;

    @Parameters(
            arity = "0..1",
            paramLabel = "SHELL",
            defaultValue = "bash",
            description = "The shell: ${COMPLETION-CANDIDATES}; default: bash.")
    private Kind shell;

    @Override
    public Integer call() {
        PrintWriter out = Shell.of(spec).out();
        out.print(
                switch (shell) {
                    case BASH -> BASH;
                    case ZSH -> ZSH;
                    case FISH -> FISH;
                });
        out.flush();
        return 0;
    }
}
