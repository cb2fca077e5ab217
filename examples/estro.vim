" Vim syntax of estro styles. To install:
"     mkdir -p ~/.vim/syntax ~/.vim/ftdetect
"     cp examples/estro.vim ~/.vim/syntax/
"     echo 'autocmd BufNewFile,BufRead *.style setfiletype estro' > ~/.vim/ftdetect/estro.vim
" Vim lays a style out with  :set equalprg=estro\ fmt\ -  and  gg=G

if exists("b:current_syntax")
  finish
endif

syn case match
syn iskeyword @,48-57,_

" Items of a file.
syn keyword estroItem estro style library import param meter tempo keys form harmony rhythm groove feel part group texture
syn keyword estroItem never prefer no drop expect perform theme candidates substitute
" What stands in them.
syn keyword estroSetting role instrument range home lines pan volume grid strong weak move onset fine rest voicing lead strum pedal scale ornaments
syn keyword estroSetting swing velocity accent arch gate human ms ritard breath stress late loose loud level bars of cc
syn keyword estroOption in with over tension fermata as by model exponent temperature copy given free first last motif silent
syn keyword estroOption if and for between all everywhere on at
syn keyword estroKind parallel hidden cross overlap spacing unison clash leap interval unrecovered repeat run foreign unresolved chromatic
syn keyword estroKind doubled missing inversion leading seventh span outside short long silence together absent
syn keyword estroKind seconds phrases sections chords changes end forms pieces different notes velocities steps repeats rests offbeats
syn keyword estroKind rhythms again fills likelihood shape variety
" What they can be.
syn keyword estroValue open half authentic plagal deceptive major minor dorian mixolydian
syn keyword estroValue melody counter bass drums pad arpeggio walking stride chord any close drop2 shell power none bar
syn keyword estroValue blues pentatonic wholetone octatonic lydian phrygian locrian harmonic melodic
syn keyword estroValue beats downbeats cadence tonic subdominant dominant diminished other middle main piece phrase
syn keyword estroValue left place section function quality next change begins lasts key beat degree
syn keyword estroValue stated inverted retrograde augmented fragment sequence ornamented reharmonised transposed
syn keyword estroValue trill mordent grace turn roll slide staccato tenuto legato
syn keyword estroDrum kick snare rim clap hat ride bell crash tom1 tom2 tom3 floor cowbell shaker tambourine conga bongo clave block
syn keyword estroDrum triangle guiro splash china

" F#3 is a note: a comment has a blank before it.
syn match estroComment "\(^\|\s\)\zs#.*$" contains=@Spell
syn region estroString start=+"+ end=+"+ oneline
syn match estroNumber "\<\d\+\(\.\d\+\)\?\>"
syn match estroWeight "\[[^]]*\]" contains=estroNumber
syn match estroChord "\<b\?[IViv]\+\(o\|ø\|+\)\?\d*\(/b\?[IViv]\+\)\?\(:\d\+\)\?\>"
syn match estroHit "\<\(1\|2\|4\|8\|16\|32\)[.t]\?\(\~\d\+[.t]\?\)*:[a-z1357=][-+ud]*[<>]\?"
syn match estroPhrase "<\l'*\ze\s"
syn match estroRule "^\s*\zs\h\w*\(([^)]*)\)\?\ze\s*=" contains=estroNumber

hi def link estroItem Keyword
hi def link estroSetting Type
hi def link estroOption Statement
hi def link estroKind Function
hi def link estroValue Constant
hi def link estroDrum Constant
hi def link estroComment Comment
hi def link estroString String
hi def link estroNumber Number
hi def link estroWeight Special
hi def link estroChord Identifier
hi def link estroHit PreProc
hi def link estroPhrase Label
hi def link estroRule Identifier

let b:current_syntax = "estro"
