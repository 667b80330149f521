"""The shapes that the podcast namespace asks for, to check feeds against.

Source: https://github.com/Podcastindex-org/podcast-namespace/tree/main/docs/tags
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

SPACE = "https://podcastindex.org/namespace/1.0"

_ADDRESS = '<data type="anyURI"><param name="pattern">https?://[!-~]+</param></data>'
_GRAMMAR = f"""
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="{SPACE}"
    datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start><choice>
    <ref name="guid"/><ref name="transcript"/><ref name="chapters"/><ref name="txt"/>
  </choice></start>
  <define name="guid"><element name="guid"><data type="string">
    <param name="pattern">[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}</param>
  </data></element></define>
  <define name="transcript"><element name="transcript">
    <attribute name="url" ns="">{_ADDRESS}</attribute>
    <attribute name="type" ns=""><choice>
      <value>text/plain</value><value>text/html</value><value>text/vtt</value>
      <value>application/json</value><value>application/x-subrip</value>
    </choice></attribute>
    <optional><attribute name="language" ns=""><data type="language"/></attribute></optional>
    <optional><attribute name="rel" ns=""><value>captions</value></attribute></optional>
    <empty/>
  </element></define>
  <define name="chapters"><element name="chapters">
    <attribute name="url" ns="">{_ADDRESS}</attribute>
    <attribute name="type" ns=""><value>application/json+chapters</value></attribute>
    <empty/>
  </element></define>
  <define name="txt"><element name="txt">
    <optional><attribute name="purpose" ns=""><data type="string"><param name="maxLength">128</param></data>
    </attribute></optional>
    <data type="string"><param name="maxLength">4000</param></data>
  </element></define>
</grammar>"""


def namespace_problems(feed: bytes) -> list[str]:
    """What is wrong with a feed's ``podcast:`` tags; each kind stands where it may, as often as it may."""
    return list(_problems(etree.fromstring(feed, etree.XMLParser(resolve_entities=False, no_network=True))))


def _problems(root: etree._Element) -> Iterator[str]:
    schema = etree.RelaxNG(etree.fromstring(_GRAMMAR))
    for tag in root.iter(f"{{{SPACE}}}*"):
        if not schema.validate(tag):
            yield f"{etree.tostring(tag).decode()}: {schema.error_log.last_error}"
        parent = tag.getparent()
        name = etree.QName(tag).localname
        if parent is None or parent.tag != ("channel" if name == "guid" else "item"):
            yield f"{name} stands in {parent}"
        elif name != "transcript" and len(parent.findall(tag.tag)) != 1:
            yield f"{parent.tag} has {name} more than once"
