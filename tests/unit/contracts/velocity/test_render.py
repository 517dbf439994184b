import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieline.contracts.velocity import Template, TemplateError

VALUES = {
    "input": {
        "name": "Ann Lee",
        "quoted": 'a"b\n',
        "count": 3,
        "ratio": 0.5,
        "flag": True,
        "nothing": None,
        "rawRequest": '{"name":"Ann Lee"}',
    },
    "credentials": {"userName": "u", "password": "p"},
    "items": [{"id": 1}, {"id": 2}],
}

PRINTED = [
    ("a value", "${input.name}", "Ann Lee"),
    ("short form at the end of a sentence", "Dear $input.name.", "Dear Ann Lee."),
    ("null prints its own source", "${input.nothing}", "${input.nothing}"),
    ("absent prints its own source", "$input.absent!", "$input.absent!"),
    ("quiet null prints nothing", "[$!{input.nothing}$!input.absent]", "[]"),
    ("numbers and booleans as JSON", "$input.count $input.ratio $input.flag", "3 0.5 true"),
    ("objects and lists as JSON", "${items}", '[{"id":1},{"id":2}]'),
    ("the whole request", "${input.rawRequest}", '{"name":"Ann Lee"}'),
    ("escaped reference", r"\$input.name", "$input.name"),
    ("a price is not a reference", "$5 and $", "$5 and $"),
    ("an unclosed brace is text", "${input.name", "${input.name"),
    ("line comment", "a## gone\nb", "ab"),
    ("block comment", "a#* gone *#b", "ab"),
    ("literal block", "#[[ $input.name ]]#", " $input.name "),
    ("a hash that starts nothing", "#1 #colour", "#1 #colour"),
    ("json encode, the current name", "$esc.jsonEncode(${input.quoted})", r"a\"b\n"),
    ("json encode, the older name", "$esc.jsonString($input.quoted)", r"a\"b\n"),
    ("json decode", r"""$esc.jsonDecode('a\n')""", "a\n"),
    ("form encoding", "$esc.url('a b&c')$esc.urlFormEncode('/')", "a+b%26c%2F"),
    ("path encoding", "$esc.uriEncode('a b/c')", "a%20b%2Fc"),
    ("html", "$esc.html('<a href=\"x\">')", "&lt;a href=&quot;x&quot;&gt;"),
    ("xml", "$esc.xml($esc.s)", "&apos;"),
    ("sql", "$esc.sql($esc.s)", "''"),
    ("java", "$esc.java('ü')", r"\u00FC"),
    ("javascript", "$esc.javascript('a/b')", r"a\/b"),
    (
        "base64 of interpolated arguments",
        '$encoding.base64("${credentials.userName}:${credentials.password}")',
        "dTpw",
    ),
    ("query part when set", '$urlTool.optionalQueryParam("q", $input.name)', "q=Ann+Lee"),
    ("query part when null", '$!urlTool.optionalQueryParam("q", $!{input.nothing})', ""),
    ("first of an array", '${successTemplateUtils.firstFromArray("${items}", "{}")}', '{"id":1}'),
    ("first of nothing", '${successTemplateUtils.firstFromArray("[]", "{}")}', "{}"),
    (
        "keys into objects",
        """${successTemplateUtils.moveKeysIntoArrayOfObjects('{"a":{"n":1}}', 'k')}""",
        '[{"k":"a","n":1}]',
    ),
    ("math", "$math.add(1,2) $math.div(7,2) $math.round(2.5) $math.max('3',2)", "3 3.5 3 3"),
    ("string methods", "${input.name.toUpperCase().substring(0,3)}", "ANN"),
    ("chained with an index", "$input.name.split(' ')[1]", "Lee"),
    ("replace with a group", "$input.name.replaceAll('(A)n', '$1*')", "A*n Lee"),
    ("length", "$input.name.length()", "7"),
    ("list methods", "$items.size() $items.get(1).id $items[0].id", "2 2 1"),
    ("an index out of range", "$items.get(9)", "$items.get(9)"),
    ("if", "#if($input.count > 2 && $input.flag)yes#{else}no#end", "yes"),
    ("elseif", "#if(!$input.flag)a#elseif($input.count == 3)b#{else}c#end", "b"),
    ("word operators", "#if($input.count ge 3 and not $input.nothing)yes#end", "yes"),
    ("empty text is false", "#if($!input.nothing)a#{else}b#end", "b"),
    ("a number equals its text", "#if($input.count == '3')same#end", "same"),
    ("set and use", "#set($a = $input.count * 2 + 1)$a", "7"),
    ("text and number join", "#set($a = 'n' + 1)$a", "n1"),
    ("division by zero is null", "#set($a = 1 / 0)$!a", ""),
    ("foreach", "#foreach($i in $items)$i.id#if($foreach.hasNext),#end#end", "1,2"),
    ("range", "#foreach($i in [3..1])$i#end", "321"),
    ("map literal", "#set($m = {'a': 1})$m.a $m.containsKey('a')", "1 true"),
    ("nested loops keep their own counts",
     "#foreach($i in [1..2])#foreach($j in [1..2])$foreach.count#end$foreach.count #end",
     "121 122 "),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "printed"), [row[1:] for row in PRINTED], ids=[row[0] for row in PRINTED]
)
def test_a_template_prints_what_the_platform_would(source: str, printed: str) -> None:
    assert Template(source).render(VALUES) == printed


REFUSED = [
    ("#if(1)", "#if without #end"),
    ("#foreach($i in [1]) x", "#foreach without #end"),
    ("text #end", "#end without #if"),
    ("line\n  #set($a 1)", "line 2"),
    ("$x.foo(", "expected a value"),
    ("#parse('/etc/passwd')", "#parse is not available"),
    ("#evaluate($x)", "#evaluate is not available"),
    ("#macro(x)#end", "#macro is not available"),
    ("#* never closed", "without"),
    ('#set($a = "open)', "closing"),
    ("#if" + "(" * 200 + "1" + ")" * 200 + "#end", "deeper than 50"),
    ("#if(1)" * 60 + "#end" * 60, "deeper than 50"),
    ("x" * 600_000, "at most"),
]


@pytest.mark.parametrize(("source", "message"), REFUSED, ids=[row[1] for row in REFUSED])
def test_a_template_that_cannot_be_read_is_refused_with_its_place(
    source: str, message: str
) -> None:
    with pytest.raises(TemplateError, match=r"template, line \d+, column \d+: ") as refused:
        Template(source)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "source",
    [
        "${input.name.__class__}",
        "${input.name.__class__.__mro__}",
        "$esc.functions",
        "$input.name.format('{0.__class__}')",
        "$items.append(1)",
        "$input.name.encode()",
        "$math.__init__",
    ],
)
def test_a_template_reaches_nothing_but_json(source: str) -> None:
    assert Template(source).render(VALUES) == source


def test_loops_cannot_be_used_to_hang_or_flood() -> None:
    rounds = Template("#foreach($a in [1..999])#foreach($b in [1..999])#set($c=1)#end#end")
    with pytest.raises(TemplateError, match="loop rounds"):
        rounds.render({})

    flood = Template("#set($a='0123456789')#foreach($i in [1..30])#set($a=$a+$a)#end$a")
    with pytest.raises(TemplateError):
        flood.render({})


@given(st.text())
def test_text_encoded_as_json_comes_back_as_it_was(text: str) -> None:
    template = Template('{"v":"$esc.jsonEncode(${input.v})"}')
    assert json.loads(template.render({"input": {"v": text}})) == {"v": text}


@given(st.text(alphabet=string.printable))
def test_any_text_is_either_read_or_refused_with_a_place(source: str) -> None:
    try:
        printed = Template(source).render({"input": {}})
    except TemplateError:
        return
    assert isinstance(printed, str)


@given(st.text())
def test_a_value_is_never_read_as_a_template(text: str) -> None:
    assert Template("${input.v}").render({"input": {"v": text}}) == text
