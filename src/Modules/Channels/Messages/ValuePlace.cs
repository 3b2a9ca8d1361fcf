namespace Notify.Channels.Messages;

/// <summary>Where in a text a value stands: what would be markup in one place is part of an address in another.</summary>
public enum ValuePlace
{
    /// <summary>Among words.</summary>
    Words,

    /// <summary>In the address of a link or an image: <c>[x](…{value}…)</c>.</summary>
    LinkTarget,

    /// <summary>At the beginning of the address of a link, which decides what following it does: <c>[x]({value}…)</c>.</summary>
    LinkStart,

    /// <summary>In an attribute: <c>&lt;a href="…{value}…"&gt;</c>.</summary>
    Attribute,

    /// <summary>Behind the beginning of an address that stands among words: <c>https://k.example/{value}</c>.</summary>
    BareAddress,

    /// <summary>Where a document has a value of its own, outside of any text: <c>{ "value": {value} }</c>.</summary>
    Bare,

    /// <summary>Between the brackets that call somebody: <c>&lt;@{value}&gt;</c>.</summary>
    Mention,
}
