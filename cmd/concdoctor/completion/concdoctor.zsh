#compdef concdoctor
# Completion of concdoctor for zsh: source <(concdoctor completion zsh), after compinit
_concdoctor() {
    local -a candidates
    candidates=("${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    [[ "$PREFIX" == --*=* ]] && compset -P '*='
    if [[ -n "$candidates" ]]; then
        compadd -a candidates
    else
        _files
    fi
}
# An autoloaded file is run as the function; a sourced one registers it.
if [[ "${funcstack[1]}" == _concdoctor ]]; then
    _concdoctor "$@"
else
    compdef _concdoctor concdoctor
fi
