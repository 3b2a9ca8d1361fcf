namespace Notify.Channels.Messages;

/// <summary>The place of a value in a text: what is markup in one place is part of an address in another.</summary>
public enum ValuePlace
{
    /// <summary>In the text.</summary>
    Words,

    /// <summary>In the address of a link or an image: <c>[x](…{value}…)</c>.</summary>
    LinkTarget,

    /// <summary>At the beginning of the address of a link, where it determines the scheme: <c>[x]({value}…)</c>.</summary>
    LinkStart,

    /// <summary>In an attribute: <c>&lt;a href="…{value}…"&gt;</c>.</summary>
    Attribute,

    /// <summary>In an address within the text, after its beginning: <c>https://k.example/{value}</c>.</summary>
    BareAddress,

    /// <summary>As a value in a JSON document, outside any string: <c>{ "value": {value} }</c>.</summary>
    Bare,

    /// <summary>Between the brackets of a mention: <c>&lt;@{value}&gt;</c>.</summary>
    Mention,
}
